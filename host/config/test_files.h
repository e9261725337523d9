// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// What the tests of this folder share: files in a directory of their own, and problems as text.
#pragma once

#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <vector>

#include "host/config/load.h"

namespace scanhost {

/// A directory that goes away with the test.
class TestFiles {
 public:
  TestFiles() {
    std::string pattern =
        (std::filesystem::temp_directory_path() / "scanhost-config-XXXXXX").string();
    directory_ = mkdtemp(pattern.data());
  }
  ~TestFiles() { std::filesystem::remove_all(directory_); }
  TestFiles(const TestFiles&) = delete;
  TestFiles& operator=(const TestFiles&) = delete;

  std::filesystem::path path(const std::string& name) const { return directory_ / name; }

  /// Writes a file, readable by its owner alone, and answers its path.
  std::filesystem::path write(const std::string& name, const std::string& text) const {
    std::filesystem::create_directories(path(name).parent_path());
    std::ofstream(path(name)) << text;
    std::filesystem::permissions(path(name), std::filesystem::perms(0600));
    return path(name);
  }

 private:
  std::filesystem::path directory_;
};

inline std::shared_ptr<const std::string> testFileName(const char* name = "test.yaml") {
  return std::make_shared<const std::string>(name);
}

/// Each problem as "file:line: key: message", the file without its directory.
inline std::vector<std::string> shownProblems(std::vector<Problem> problems) {
  std::vector<std::string> out;
  for (Problem& problem : problems) {
    problem.file = std::filesystem::path(problem.file).filename().string();
    out.push_back(formatProblem(problem));
  }
  return out;
}

inline std::vector<std::string> shownErrors(const LoadOutcome& outcome) {
  std::vector<Problem> errors;
  for (const Problem& problem : outcome.problems)
    if (problem.severity == ProblemSeverity::error) errors.push_back(problem);
  return shownProblems(std::move(errors));
}

/// What a valid configuration needs, so that a test may show only what it is about.
inline const std::string minimal_yaml =
    "scanners: [{name: local, pool: nmap, plugin: scanner-nmap}]\n"
    "policy: {targets: {allow: [127.0.0.0/8]}}\n"
    "transports: [{plugin: transport-mcp}]\n";

inline LoadOutcome loadText(const std::string& text, const Environment& environment = {},
                            const std::string& name = "scanhost.yaml") {
  const TestFiles files;
  return loadConfig(files.write(name, text), environment);
}

}  // namespace scanhost
