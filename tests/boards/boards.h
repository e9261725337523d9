// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// The dashboards and rules below packaging/, as tests read them.
#pragma once

#include <scanhost/json.h>

#include <filesystem>
#include <string>
#include <vector>

namespace scanhost::boards {

struct Dashboard {
  std::string file;
  Json json;

  /// All but rows, which hold no query.
  std::vector<Json> panels() const;
};
/// Throws JsonError when one is no JSON.
std::vector<Dashboard> dashboards();

struct Rule {
  std::string record;  ///< either this
  std::string alert;   ///< or this, with what follows `expr`
  std::string expr;
  std::string severity, summary, description, runbook_url;

  std::string name() const;
};
std::vector<Rule> rules();
/// Of packaging/prometheus/rules.
std::vector<std::filesystem::path> ruleFiles();

/// One expectation of packaging/prometheus/tests.
struct AlertCase {
  std::string alert;
  std::vector<std::string> severities;  ///< of what fires; empty: it is silent
};
std::vector<AlertCase> alertCases();

/// `name{matchers}` of every series that the expression reads, without a range.
std::vector<std::string> selectorsIn(const std::string& expr);
std::string nameOf(const std::string& selector);

std::string readFile(const std::filesystem::path& path);
/// Of the source tree.
std::filesystem::path sourceFile(const std::string& path);

}  // namespace scanhost::boards
