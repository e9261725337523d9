// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "sdk/tool/check.h"

#include <unistd.h>

#include <CLI/CLI.hpp>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <string>
#include <vector>

namespace scanhost {
namespace {

constexpr int not_checked = 2;

/// The program that holds the cases, installed beside this one: it plays a whole host, which this
/// one need not carry.
std::filesystem::path checksProgram() {
  std::error_code error;
  return std::filesystem::read_symlink("/proc/self/exe", error).parent_path() /
         "scanhost-plugin-checks";
}

/// Becomes that program; returns only when it cannot.
int becomeChecks(const std::vector<std::string>& words) {
  const std::string program = checksProgram().string();
  std::vector<std::string> owned = {program};
  owned.insert(owned.end(), words.begin(), words.end());
  std::vector<char*> arguments;
  for (std::string& word : owned) arguments.push_back(word.data());
  arguments.push_back(nullptr);
  execv(program.c_str(), arguments.data());
  std::fprintf(stderr,
               "scanhost-plugin check: %s cannot be run: %s; install the SDK's programs "
               "together\n",
               program.c_str(), std::strerror(errno));
  return not_checked;
}

/// A subcommand whose words all go to that program, after `first`.
void addPassedOn(CLI::App& app, const char* name, const char* description,
                 std::vector<std::string> first, int& exit_code) {
  CLI::App* command = app.add_subcommand(name, description);
  command->prefix_command();
  command->set_help_flag();
  command->callback([command, first, &exit_code] {
    std::vector<std::string> words = first;
    for (std::string& word : command->remaining()) words.push_back(std::move(word));
    exit_code = becomeChecks(words);
  });
}

}  // namespace

void addCheck(CLI::App& app, int& exit_code) {
  addPassedOn(app, "check", "Try to catch a plugin breaking its contract; see check --help", {},
              exit_code);
}

void addRecord(CLI::App& app, int& exit_code) {
  addPassedOn(app, "record",
              "Write down what a scanner's backend or program says, for check; see record --help",
              {"record"}, exit_code);
}

}  // namespace scanhost
