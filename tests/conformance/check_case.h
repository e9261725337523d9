// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// One case of `scanhost-plugin check`: a promise, the obligations that it proves, and the code
/// that tries to catch a plugin breaking it. A case runs in a process of its own, for the plugin
/// may take it down, hang it or change it.
#pragma once

#include <functional>
#include <stdexcept>
#include <string>
#include <vector>

namespace scanhost::conformance {

class Subject;

struct Case {
  std::string id;                        ///< stable: "life.repeated"
  std::string promise;                   ///< one sentence, true of a plugin that passes
  std::vector<std::string> obligations;  ///< "SH-P-47", as docs/reference/abi.md numbers them
  std::function<void(Subject&)> run;     ///< throws Breach, or Skipped
  /// Only for plugins that provide one of these; empty: for all.
  std::vector<std::string> interface_ids = {};
  /// When it fails, nothing after it has a meaning: a host would refuse the plugin.
  bool is_gate = false;
  /// Instances are started with the vendor's settings, which must allow it.
  bool starts = true;
};

/// The plugin broke the promise.
class Breach : public std::runtime_error {
 public:
  Breach(std::string found, std::string expected, std::string remedy)
      : std::runtime_error(found), expected_(std::move(expected)), remedy_(std::move(remedy)) {}
  std::string found() const { return what(); }
  const std::string& expected() const { return expected_; }
  const std::string& remedy() const { return remedy_; }

 private:
  std::string expected_, remedy_;
};

/// The promise has no meaning for this plugin, or cannot be tried with what was given.
class Skipped : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

std::vector<Case> fileCases();
std::vector<Case> entryCases();
std::vector<Case> settingsCases();
std::vector<Case> lifeCases();
std::vector<Case> callCases();
std::vector<Case> scannerCases();
std::vector<Case> exporterCases();
std::vector<Case> transportCases();
std::vector<Case> operationsCases();

/// Every case but those of the suites in GoogleTest, in the order in which they run.
std::vector<Case> allCases();

}  // namespace scanhost::conformance
