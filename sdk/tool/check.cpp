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

}  // namespace

void addCheck(CLI::App& app, int& exit_code) {
  CLI::App* command =
      app.add_subcommand("check", "Try to catch a plugin breaking its contract; see check --help");
  command->prefix_command();
  command->set_help_flag();
  command->callback([command, &exit_code] { exit_code = becomeChecks(command->remaining()); });
}

}  // namespace scanhost
