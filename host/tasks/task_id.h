// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// Task ids and the marker that a remote scan carries in its name.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "host/base/time.h"

namespace scanhost {

/// "ne_scan_20251201_143022_a1b2c3d4": the first letters of pool and instance (lowercase letters
/// and digits only, "x" if none is left), the time in UTC, eight random hex digits.
std::string makeTaskId(std::string_view pool, std::string_view instance, Timestamp now);

/// Whether text has that form; anything else cannot be a task and is never looked up.
bool isTaskId(std::string_view text);

/// What every marker begins with.
inline constexpr std::string_view marker_start = "[scanhost:";

/// "[scanhost:<task id>/<launch>]"
std::string makeMarker(std::string_view task_id, std::uint64_t launch);
/// "[scanhost:<task id>/": what every launch of the task begins with.
std::string markerPrefix(std::string_view task_id);

struct Marker {
  std::string task_id;
  std::uint64_t launch = 0;
};
/// The first well-formed marker inside a remote scan's name.
std::optional<Marker> findMarker(std::string_view name);

}  // namespace scanhost
