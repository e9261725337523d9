// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// scanhost-plugin-checks: what `scanhost-plugin check` runs.
#include <sysexits.h>

#include <CLI/CLI.hpp>
#include <cstdio>

#include "host/plugins/schema.h"
#include "tests/conformance/program/suite_cases.h"
#include "tests/conformance/runner.h"

namespace scanhost::conformance {
namespace {

int complain(const std::string& message) {
  std::fprintf(stderr, "scanhost-plugin check: %s\n", message.c_str());
  return not_checked;
}

/// Settings that the schema refuses would be refused by a host, too. Nothing when they are fine, or
/// when the schema itself is what a case will complain about.
std::string problemOf(const Manifest& manifest, const Json& settings) {
  const auto schema = Schema::compile(manifest.config_schema);
  if (!schema) return {};
  const CheckedSettings checked = schema->check(settings);
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

int main(int argc, char** argv) {
  using scanhost::conformance::RunOptions;
  RunOptions options;
  CLI::App app("Tries to catch a plugin breaking its contract", "scanhost-plugin check");
  app.add_option("FILE", options.file, "The plugin's .so")->required();
  app.add_option("--config", options.settings,
                 "Its settings, JSON; ${folder} is a fresh folder, ${unique} a fresh word");
  app.add_option("--filter", options.filter, "Only these cases, as in 'life.*:*Lease*'");
  app.add_option("--only", options.only, "Only the case of this id");
  app.add_option("--seed", options.seed, "What faults are drawn from");
  app.add_flag("--json", options.as_json, "One JSON document");
  app.add_flag("--list", options.list, "Name the cases and run none");
  app.add_flag("--verbose", options.verbose, "Name also what passed and what was skipped");
  app.add_flag("--in-process", options.in_process,
               "With --only: run the case in this process, for a debugger");
  app.add_option("--report-fd", options.report_fd)->group("");
  try {
    app.parse(argc, argv);
    if (options.in_process && options.only.empty())
      throw CLI::ValidationError("--in-process", "it needs --only");
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? EX_OK : EX_USAGE;
  }
  return scanhost::conformance::run(options);
}
