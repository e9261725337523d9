// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// What is wrong with a configuration, and where: every reader and check of this folder reports
/// here and goes on, so that one run names all there is to mend.
///
/// Plain values, no threads. Messages never hold the value of a secret key, nor what an
/// environment variable or a file expanded to.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace scanhost {

/// A line of a file, as people count them. Line 0 stands for the file as a whole.
struct Place {
  std::string file;
  int line = 0;
};

/// A warning lets the service start; an error does not.
enum class ProblemSeverity { warning, error };

struct Problem {
  std::string file;
  int line = 0;
  std::string key;      ///< "http.tls.key", "scanners[0].name"; empty when it is about the file
  std::string message;  ///< what is wrong, the value found, what would be right
  ProblemSeverity severity = ProblemSeverity::error;
};

/// "scanhost.yaml:12: tasks.lease: ..."
std::string formatProblem(const Problem& problem);

/// Gathers problems. Past `limit` it counts only, for a hostile file must not fill the terminal.
class Problems {
 public:
  static constexpr std::size_t limit = 100;

  void error(const Place& place, std::string_view key, std::string message);
  void warning(const Place& place, std::string_view key, std::string message);

  bool anyError() const { return errors_ > 0; }
  bool errorAt(std::string_view key) const;
  bool anyErrorIn(std::string_view file) const;
  const std::vector<Problem>& list() const { return list_; }
  /// In order of file and line; a last entry tells how many were left out.
  std::vector<Problem> take();

 private:
  void add(const Place& place, std::string_view key, std::string message, ProblemSeverity severity);

  std::vector<Problem> list_;
  std::size_t errors_ = 0;
  std::size_t left_out_ = 0;
};

}  // namespace scanhost
