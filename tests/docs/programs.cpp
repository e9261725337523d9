// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "tests/docs/programs.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <functional>
#include <map>

#include "host/app/command_line.h"
#include "host/ctl/options.h"
#include "sdk/tool/check.h"
#include "sdk/tool/inspect.h"
#include "sdk/tool/new.h"
#include "tests/conformance/program/command_lines.h"
#include "tests/simulators/nessus/options.h"
#include "tests/support/child_process.h"

namespace scanhost::docs {
namespace {

using Words = std::vector<std::string>;
using Refusal = std::optional<std::string>;

std::vector<const char*> pointersTo(const Words& words) {
  std::vector<const char*> pointers;
  for (const std::string& word : words) pointers.push_back(word.c_str());
  return pointers;
}

Refusal parsedBy(CLI::App&& app, const Words& words) {
  const auto pointers = pointersTo(words);
  try {
    app.parse(static_cast<int>(pointers.size()), pointers.data());
  } catch (const CLI::ParseError& error) {
    if (error.get_exit_code() != 0) return error.what();
  }
  return std::nullopt;
}

Refusal service(const Words& words) {
  return parsedBy(CommandLine().app, words);
}

Refusal operatorsClient(const Words& words) {
  const auto pointers = pointersTo(words);
  const auto parsed = ctl::parseCommandLine(static_cast<int>(pointers.size()), pointers.data());
  const auto* nothing = std::get_if<ctl::NothingToRun>(&parsed);
  if (nothing && nothing->exit_code != 0) return nothing->text;
  return std::nullopt;
}

/// What stands behind `scanhost-plugin check` or `record`.
Refusal pluginChecks(const Words& words) {
  if (words.size() > 1 && words[1] == "record")
    return parsedBy(conformance::RecordCommandLine().app, {words.begin() + 1, words.end()});
  return parsedBy(conformance::CheckCommandLine().app, words);
}

Refusal pluginTool(const Words& words) {
  if (words.size() > 1 && words[1] == "check")
    return pluginChecks({words.begin() + 1, words.end()});
  if (words.size() > 1 && words[1] == "record") return pluginChecks(words);
  CLI::App app;
  app.require_subcommand(1);
  int exit_code = 0;
  addNew(app, exit_code);
  addInspect(app, exit_code);
  app.parse_complete_callback([] { throw CLI::Success(); });  // before a command's own work
  return parsedBy(std::move(app), words);
}

Refusal nessusSimulator(Words words) {
  // It looks whether this file is there.
  const auto faults = std::find(words.begin(), words.end(), "--faults");
  if (words.end() - faults > 1) faults[1] = "/dev/null";
  const auto pointers = pointersTo(words);
  testing::internal::CaptureStderr();
  const int exit_code =
      simulator::parseCommandLine(static_cast<int>(pointers.size()), pointers.data()).exit_code;
  const std::string said = testing::internal::GetCapturedStderr();
  if (exit_code != 0) return said;
  return std::nullopt;
}

const std::map<std::string, std::function<Refusal(const Words&)>> programs = {
    {"scanhost", service},
    {"scanhostctl", operatorsClient},
    {"scanhost-plugin", pluginTool},
    {"scanhost-plugin-checks", pluginChecks},
    {"nessus-simulator", nessusSimulator},
};

std::string nameOf(const std::string& program) {
  return std::filesystem::path(program).filename().string();
}

}  // namespace

bool isOurs(const std::string& program) {
  return programs.contains(nameOf(program));
}

std::optional<std::string> refusalOf(const std::vector<std::string>& words) {
  return programs.at(nameOf(words.front()))(words);
}

bool isHere(const std::string& program) {
  return testing_support::run({{"sh", "-c", "command -v " + program}, {}, {}}).exit_code == 0;
}

}  // namespace scanhost::docs
