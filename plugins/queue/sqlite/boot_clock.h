// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// The clock of leases and delays: it runs while the machine sleeps, and nobody can set it.
#pragma once

#include <cstdint>
#include <string>

namespace scanhost::queue_sqlite {

/// Nanoseconds since the machine started (CLOCK_BOOTTIME).
std::int64_t bootNanos();

/// Names this start of the machine: times of bootNanos() mean nothing to another.
std::string bootId();

}  // namespace scanhost::queue_sqlite
