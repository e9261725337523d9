// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// What a plugin shares with the whole process and must leave as it found it.
#pragma once

#include <cstddef>
#include <map>
#include <set>
#include <string>
#include <vector>

namespace scanhost::conformance {

/// What is open and what runs, now.
struct Holdings {
  std::map<int, std::string> descriptors;  ///< number -> what /proc calls it
  std::set<int> threads;

  static Holdings now();
  /// What is there beyond `before`, a line each; empty when nothing is.
  std::vector<std::string> beyond(const Holdings& before) const;
};

/// Waits a moment for threads that have been joined to vanish from /proc, then tells what is there
/// beyond `before`.
std::vector<std::string> leftBehind(const Holdings& before);

/// Signal handlers, working folder, file mask, locale, limits, environment, by name.
std::map<std::string, std::string> processSettings();

/// Processes that this one started and has not waited for.
std::set<int> childProcesses();

/// How the two differ, a line each.
std::vector<std::string> changes(const std::map<std::string, std::string>& before,
                                 const std::map<std::string, std::string>& after);

/// Bytes that the process's allocator has handed out.
std::size_t allocatedBytes();

/// What this process writes to standard output and standard error while it lives.
class CapturedOutput {
 public:
  CapturedOutput();
  ~CapturedOutput();
  CapturedOutput(const CapturedOutput&) = delete;
  CapturedOutput& operator=(const CapturedOutput&) = delete;

  std::string text() const;

 private:
  int file_ = -1, out_ = -1, err_ = -1;
};

/// "a; b; c", and how many more beyond the first few.
std::string joined(const std::vector<std::string>& lines);

}  // namespace scanhost::conformance
