// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// A program that a test starts: what it says goes to files that can be read at any time, so that
/// it never blocks on a full pipe; it is gone when the object is.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace scanhost::testing_support {

struct Command {
  std::vector<std::string> words;                  ///< the first is a path, or found in PATH
  std::map<std::string, std::string> environment;  ///< over this process's own
  std::string folder;                              ///< works there; empty: here
};

class ChildProcess {
 public:
  /// Throws std::system_error when it cannot be started.
  explicit ChildProcess(const Command& command);
  /// Kills what still runs.
  ~ChildProcess();
  ChildProcess(const ChildProcess&) = delete;
  ChildProcess& operator=(const ChildProcess&) = delete;

  pid_t pid() const { return pid_; }
  void signal(int number) const;
  bool running() { return !ended(false); }
  /// The exit code, or 128 and the signal that ended it. One that is not over by then is killed.
  int wait(std::chrono::milliseconds limit = std::chrono::seconds(60));

  /// All of it so far.
  std::string out() const;
  std::string err() const;
  /// Waits until `text` stands in either; false when the program ended or the time is up first.
  bool waitFor(const std::string& text, std::chrono::milliseconds limit = std::chrono::seconds(30));

 private:
  bool ended(bool block);

  pid_t pid_ = -1;
  int out_ = -1;
  int err_ = -1;
  std::optional<int> exit_code_;
};

struct Finished {
  int exit_code = 0;
  std::string out;
  std::string err;
};
/// Runs a program to its end.
Finished run(const Command& command, std::chrono::milliseconds limit = std::chrono::seconds(60));

}  // namespace scanhost::testing_support
