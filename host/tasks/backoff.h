// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// How long to wait before the next attempt: exponential, capped, with full jitter, so that many
/// tasks that failed together do not come back together.
#pragma once

#include <chrono>

namespace scanhost {

/// `attempt` is the one that failed, from 1; `share` a random number in [0, 1). At least a tenth of
/// `base`, so that a retry is never immediate.
std::chrono::milliseconds retryDelay(int attempt, std::chrono::milliseconds base,
                                     std::chrono::milliseconds most, double share);

/// A random number in [0, 1).
double randomShare();

}  // namespace scanhost
