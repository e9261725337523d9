// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// Runs another program without a shell, bounded in time and in what it may say.
#pragma once

#include <chrono>
#include <cstddef>
#include <string>
#include <vector>

namespace scanhost::ctl {

struct ChildLimits {
  std::chrono::milliseconds time = std::chrono::minutes(2);
  std::size_t output_bytes = 64u << 10;  ///< what comes after is read and dropped
};

struct ChildOutcome {
  bool started = false;
  bool timed_out = false;  ///< it was killed
  int exit_code = 0;       ///< 128 and the signal's number where one ended it
  std::string output;      ///< both streams; or why it did not start
};

/// `program` is a path; nothing is looked for. It gets this process's environment and an empty
/// standard input. Waits for its end.
ChildOutcome runChild(const std::string& program, const std::vector<std::string>& arguments,
                      const ChildLimits& limits = {});

}  // namespace scanhost::ctl
