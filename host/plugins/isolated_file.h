// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// A plugin's checked file, to be entered by runners, and how they are kept.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>

#include "host/base/unique_fd.h"
#include "host/plugins/crash_report.h"
#include "sdk/manifest/manifest.h"

namespace scanhost {

/// The same for all runners of a node.
struct RunnerOptions {
  std::filesystem::path program = {};       ///< empty: scanhost-runner beside this program
  std::uint64_t memory_bytes = 1ull << 30;  ///< of data, for each; 0: no bound
  std::uint32_t open_files = 1024;
  std::chrono::milliseconds ready_timeout = std::chrono::seconds(10);
  /// For a call that passed its deadline or was cancelled, until its runner is killed.
  std::chrono::milliseconds call_grace = std::chrono::seconds(15);
  std::chrono::milliseconds silence = std::chrono::seconds(15);  ///< then it is taken for dead
  std::chrono::milliseconds first_backoff = std::chrono::seconds(1);
  std::chrono::milliseconds longest_backoff = std::chrono::seconds(60);
  int crashes_to_give_up = 5;  ///< within `crash_window`
  std::chrono::milliseconds crash_window = std::chrono::minutes(10);
};

/// Hears of what becomes of an instance's runners, on the instance's own thread.
struct RunnerWatch {
  std::function<void(const CrashReport&)> crashed = {};
  std::function<void(int restarts, const CrashReport& last)> restarted = {};
  std::function<void(const CrashReport& last)> given_up = {};
  std::function<void(const std::string& confinement)> confined = {};  ///< what holds for a new one
};

struct IsolatedFile {
  Manifest manifest;
  std::string manifest_text;
  std::string sha256, build_id;
  UniqueFd fd;  ///< what was checked is what is entered
  RunnerOptions options;
};

}  // namespace scanhost
