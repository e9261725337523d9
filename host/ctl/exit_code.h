// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// The exit codes of scanhostctl, on which scripts rely, and which error leads to which.
#pragma once

#include <exception>
#include <string>

namespace scanhost::ctl {

constexpr int exit_done = 0;
constexpr int exit_refused = 1;        ///< the service refused, or a check failed
constexpr int exit_usage = 2;          ///< the command line is wrong
constexpr int exit_unreachable = 3;    ///< nobody answered, or not in time
constexpr int exit_no_access = 4;      ///< 401 or 403
constexpr int exit_scan_not_done = 5;  ///< the watched scan ended other than completed

/// What is wrong with the command line or a file it names.
class UsageError : public std::exception {
 public:
  explicit UsageError(std::string message) : message_(std::move(message)) {}
  const char* what() const noexcept override { return message_.c_str(); }

 private:
  std::string message_;
};

struct Outcome {
  int exit_code = exit_done;
  std::string message;  ///< for people: what happened and what to do, fit for a terminal
};

/// What `error` means for the caller of the program.
Outcome outcomeOf(const std::exception& error);

}  // namespace scanhost::ctl
