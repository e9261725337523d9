// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// This process as Prometheus's own convention names it: processor time, memory, files, threads,
/// and when it began. Any thread.
#pragma once

#include <filesystem>
#include <vector>

#include "host/telemetry/metrics.h"

namespace scanhost {

/// Read from /proc as it is now. A family whose file cannot be read is left out, for zero would
/// be a lie. `proc` stands for /proc.
std::vector<MetricFamily> readProcessMetrics(const std::filesystem::path& proc = "/proc");

}  // namespace scanhost
