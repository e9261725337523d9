// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// scanhost-plugin-checks: what `scanhost-plugin check` runs.
#include <sysexits.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <string_view>
#include <utility>

#include "host/plugins/schema.h"
#include "tests/conformance/program/suite_cases.h"
#include "tests/conformance/recorder.h"
#include "tests/conformance/runner.h"

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

/// `scanhost-plugin record`, by the same program.
int mainOfRecord(int argc, char** argv) {
  scanhost::conformance::RecordOptions options;
  std::string ca_file, pin;
  bool insecure = false;
  CLI::App app(
      "Writes down what a plugin and its backend say, without the secrets; or a program's output",
      "scanhost-plugin record");
  app.add_option("--out", options.file, "The recording, appended to")->required();
  auto* backend = app.add_option("--to", options.backend, "The backend, https://HOST:PORT");
  app.add_option("--listen", options.listen, "Where the plugin finds it, port 0 for any free one")
      ->capture_default_str();
  app.add_option("--ca", ca_file, "Authorities that the backend is trusted by, PEM");
  app.add_option("--pin", pin, "SHA-256 of the backend's certificate");
  app.add_flag("--insecure", insecure, "Trust any certificate of the backend");
  app.add_flag("--plain", options.plain, "Speak HTTP to the plugin, not HTTPS");
  app.add_option("--plugin", options.plugin,
                 "Lead this remote scanner's .so through one launch against 127.0.0.1")
      ->needs(backend);
  app.add_option(
      "--config", options.settings,
      "Its settings, JSON; ${backend} is where it finds the recorder, ${backend_pin} the "
      "SHA-256 of the recorder's certificate");
  app.add_option("PROGRAM", options.program, "After --: a program and its arguments, run once")
      ->excludes(backend);
  try {
    app.parse(argc, argv);
    if (options.backend.empty() && options.program.empty())
      throw CLI::ValidationError("give --to URL, or a program after --");
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? EX_OK : EX_USAGE;
  }
  scanhost::Json trust = scanhost::Json::object();
  if (!ca_file.empty()) trust["ca_file"] = ca_file;
  if (!pin.empty()) trust["pin_sha256"] = pin;
  if (insecure) trust["insecure"] = true;
  try {
    options.trust = scanhost::tls::readTrust(trust, "record");
    return scanhost::conformance::record(options);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "scanhost-plugin record: %s\n", error.what());
    return scanhost::conformance::not_checked;
  }
}

}  // namespace

int main(int argc, char** argv) {
  using scanhost::conformance::RunOptions;
  if (argc > 1 && std::string_view(argv[1]) == "record") return mainOfRecord(argc - 1, argv + 1);
  RunOptions options;
  CLI::App app("Tries to catch a plugin breaking its contract", "scanhost-plugin check");
  app.add_option("FILE", options.file, "The plugin's .so")->required();
  app.add_option(
      "--config", options.settings,
      "Its settings, JSON; ${folder} is a fresh folder, ${unique} a fresh word, ${backend} the "
      "recorded backend's URL and ${backend_pin} its certificate's SHA-256");
  app.add_option("--filter", options.filter, "Only these cases, as in 'life.*:*Lease*'");
  app.add_option("--only", options.only, "Only the case of this id");
  app.add_option("--recording", options.recording,
                 "What `scanhost-plugin record` took of the scanner's backend or program");
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
