// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "tests/boards/boards.h"

#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <regex>

namespace scanhost::boards {
namespace {

std::vector<std::filesystem::path> filesIn(const std::string& folder) {
  std::vector<std::filesystem::path> found;
  for (const auto& entry : std::filesystem::directory_iterator(sourceFile(folder)))
    found.push_back(entry.path());
  std::sort(found.begin(), found.end());
  return found;
}

std::string textOf(const YAML::Node& node) {
  return node ? node.as<std::string>() : "";
}

}  // namespace

std::filesystem::path sourceFile(const std::string& path) {
  return std::filesystem::path(SCANHOST_SOURCE_DIR) / path;
}

std::string readFile(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

std::vector<Json> Dashboard::panels() const {
  std::vector<Json> found;
  for (const Json& panel : json["panels"].items())
    if (panel["type"].asString() != "row") found.push_back(panel);
  return found;
}

std::vector<Dashboard> dashboards() {
  std::vector<Dashboard> found;
  for (const auto& path : filesIn("packaging/grafana/dashboards"))
    found.push_back({path.filename(), Json::parse(readFile(path))});
  return found;
}

std::string Rule::name() const {
  return alert.empty() ? record : alert + " (" + severity + ")";
}

std::vector<std::filesystem::path> ruleFiles() {
  return filesIn("packaging/prometheus/rules");
}

std::vector<Rule> rules() {
  std::vector<Rule> found;
  for (const auto& path : ruleFiles())
    for (const YAML::Node& group : YAML::LoadFile(path)["groups"])
      for (const YAML::Node& rule : group["rules"]) {
        const YAML::Node labels = rule["labels"], notes = rule["annotations"];
        found.push_back(
            {textOf(rule["record"]), textOf(rule["alert"]), textOf(rule["expr"]),
             labels ? textOf(labels["severity"]) : "", notes ? textOf(notes["summary"]) : "",
             notes ? textOf(notes["description"]) : "", notes ? textOf(notes["runbook_url"]) : ""});
      }
  return found;
}

std::vector<AlertCase> alertCases() {
  std::vector<AlertCase> found;
  for (const auto& path : filesIn("packaging/prometheus/tests"))
    for (const YAML::Node& test : YAML::LoadFile(path)["tests"])
      for (const YAML::Node& check : test["alert_rule_test"]) {
        AlertCase one{textOf(check["alertname"]), {}};
        for (const YAML::Node& alert : check["exp_alerts"])
          one.severities.push_back(textOf(alert["exp_labels"]["severity"]));
        found.push_back(std::move(one));
      }
  return found;
}

std::vector<std::string> selectorsIn(const std::string& expr) {
  static const std::regex series(R"(\b((nessus|scanhost|process)[_:][a-z0-9_:]+|up)\b(\{[^}]*\})?)");
  std::vector<std::string> found;
  for (std::sregex_iterator it(expr.begin(), expr.end(), series), end; it != end; ++it)
    found.push_back(it->str());
  return found;
}

std::string nameOf(const std::string& selector) {
  return selector.substr(0, selector.find('{'));
}

}  // namespace scanhost::boards
