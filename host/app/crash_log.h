// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// Crash reports of isolated plugins, kept as files for their vendors and for `plugin list`.
///
/// `<folder>/<plugin>.<instance>.<microseconds>.json`, one object as CrashReport::toJson makes it,
/// readable by the service alone; of each plugin the newest `max_kept` stay. Any thread.
#pragma once

#include <cstddef>
#include <filesystem>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "host/base/result.h"
#include "host/plugins/crash_report.h"

namespace scanhost {

class CrashLog {
 public:
  static constexpr std::size_t max_kept = 20;

  explicit CrashLog(std::filesystem::path folder) : folder_(std::move(folder)) {}

  /// Where it was written.
  Result<std::filesystem::path> keep(const CrashReport& report);

  struct Last {
    std::size_t count = 0;  ///< of reports that are there
    std::string time, signal, reason;
  };
  /// The newest report of a plugin; nothing when there is none that can be read.
  std::optional<Last> lastOf(const std::string& plugin) const;

 private:
  std::vector<std::filesystem::path> reportsOf(const std::string& plugin) const;

  const std::filesystem::path folder_;
  std::mutex mutex_;
};

}  // namespace scanhost
