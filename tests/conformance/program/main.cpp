// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// scanhost-plugin-checks: what `scanhost-plugin check` runs.
#include <sysexits.h>

#include <cstdio>
#include <string_view>
#include <utility>

#include "host/plugins/schema.h"
#include "tests/conformance/program/command_lines.h"
#include "tests/conformance/program/suite_cases.h"

namespace scanhost::conformance {
namespace {

int complain(const std::string& message) {
  std::fprintf(stderr, "scanhost-plugin check: %s\n", message.c_str());
  return not_checked;
}

/// What placeholders in settings may become.
constexpr std::pair<std::string_view, std::string_view> samples[] = {
    {"${backend_pin}", "0000000000000000000000000000000000000000000000000000000000000000"},
    {"${backend}", "https://127.0.0.1:1"},
    {"${folder}", "/tmp/checked"},
    {"${unique}", "checked"}};

/// Settings that the schema refuses would be refused by a host, too. Nothing when they are fine, or
/// when the schema itself is what a case will complain about.
std::string problemOf(const Manifest& manifest, const Json& settings) {
  const auto schema = Schema::compile(manifest.config_schema);
  if (!schema) return {};
  std::string text = settings.dump();
  for (const auto& [placeholder, sample] : samples)
    for (std::size_t at = 0; (at = text.find(placeholder, at)) != std::string::npos;)
      text.replace(at, placeholder.size(), sample);
  const CheckedSettings checked = schema->check(Json::parse(text));
  if (checked.problems.empty()) return {};
  return "settings" + checked.problems.front().pointer + ": " + checked.problems.front().message;
}

int run(const RunOptions& options) {
  const auto inspection = inspectPlugin(options.file);
  if (!inspection) return complain(inspection.error());
  const auto settings = Json::tryParse(options.settings);
  if (!settings || !settings->isObject()) return complain("the settings are no JSON object");
  if (const std::string problem = problemOf(inspection->manifest, *settings); !problem.empty())
    return complain(problem + "; give settings with --config");
  std::vector<Case> cases = allCases();
  for (Case& one : suiteCases(options.file, inspection->manifest, *settings))
    cases.push_back(std::move(one));
  return runChecks(options, *inspection, cases);
}

}  // namespace
}  // namespace scanhost::conformance

namespace {

using namespace scanhost::conformance;

/// `scanhost-plugin record`, by the same program.
int mainOfRecord(int argc, char** argv) {
  RecordCommandLine asked;
  try {
    asked.app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return asked.app.exit(error) == 0 ? EX_OK : EX_USAGE;
  }
  scanhost::Json trust = scanhost::Json::object();
  if (!asked.ca_file.empty()) trust["ca_file"] = asked.ca_file;
  if (!asked.pin.empty()) trust["pin_sha256"] = asked.pin;
  if (asked.insecure) trust["insecure"] = true;
  try {
    asked.options.trust = scanhost::tls::readTrust(trust, "record");
    return record(asked.options);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "scanhost-plugin record: %s\n", error.what());
    return not_checked;
  }
}

}  // namespace

int main(int argc, char** argv) {
  if (argc > 1 && std::string_view(argv[1]) == "record") return mainOfRecord(argc - 1, argv + 1);
  CheckCommandLine asked;
  try {
    asked.app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return asked.app.exit(error) == 0 ? EX_OK : EX_USAGE;
  }
  return run(asked.options);
}
