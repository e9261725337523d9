// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "sdk/tool/check.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <optional>
#include <sstream>
#include <string>
#include <vector>

#include "sdk/tool/inspect.h"

namespace scanhost {
namespace {

constexpr int passed = 0, failed = 1, not_checked = 2;
constexpr unsigned limit_s = 120;  ///< for one case

/// The program that holds the suites, installed beside this one.
std::filesystem::path suitesProgram() {
  std::error_code error;
  return std::filesystem::read_symlink("/proc/self/exe", error).parent_path() /
         "scanhost-plugin-suites";
}

int complain(std::string message) {
  while (!message.empty() && message.back() == '\n') message.pop_back();
  std::fprintf(stderr, "scanhost-plugin check: %s\n", message.c_str());
  return not_checked;
}

struct CaseRun {
  int status = 0;  ///< as waitpid tells it
  std::string output;
  bool passed() const { return WIFEXITED(status) && WEXITSTATUS(status) == 0; }
};

/// Runs the suites' program. It dies of SIGALRM after `limit_s` seconds: exec keeps the alarm.
std::optional<CaseRun> run(std::vector<std::string> words) {
  std::vector<char*> arguments;
  for (std::string& word : words) arguments.push_back(word.data());
  arguments.push_back(nullptr);
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) return std::nullopt;
  const pid_t child = fork();
  if (child == 0) {
    dup2(ends[1], STDOUT_FILENO);
    dup2(ends[1], STDERR_FILENO);
    alarm(limit_s);
    execv(arguments[0], arguments.data());
    _exit(127);
  }
  close(ends[1]);
  CaseRun result;
  char buffer[4096];
  for (ssize_t count; child > 0 && (count = read(ends[0], buffer, sizeof buffer)) != 0;) {
    if (count < 0 && errno != EINTR) break;
    if (count > 0) result.output.append(buffer, static_cast<std::size_t>(count));
  }
  close(ends[0]);
  if (child < 0) return std::nullopt;
  while (waitpid(child, &result.status, 0) < 0 && errno == EINTR) {
  }
  return result;
}

/// The names in what --gtest_list_tests prints: a suite's line, then its cases, indented.
std::vector<std::string> casesIn(const std::string& listing) {
  std::vector<std::string> cases;
  std::string suite;
  std::istringstream lines(listing);
  for (std::string line; std::getline(lines, line);) {
    const std::string word = line.substr(0, line.find("  #"));
    if (word.rfind("  ", 0) == 0 && !suite.empty())
      cases.push_back(suite + word.substr(2));
    else if (word.find('/') != std::string::npos && word.back() == '.')
      suite = word;
  }
  return cases;
}

/// "Queues/QueueSuite.Name/check" is "QueueSuite.Name" to people, as in the ABI reference.
std::string shortName(const std::string& name) {
  const std::size_t begin = name.find('/') + 1;
  return name.substr(begin, name.rfind('/') - begin);
}

std::string howItEnded(const CaseRun& run) {
  if (!WIFSIGNALED(run.status)) return "";
  if (WTERMSIG(run.status) == SIGALRM)
    return "it took longer than " + std::to_string(limit_s) + " s\n";
  return "its process died of signal " + std::to_string(WTERMSIG(run.status)) + "\n";
}

/// Each case in a process of its own, for a plugin under test may take it down or hang.
int runCases(const std::vector<std::string>& program, const std::vector<std::string>& cases) {
  std::size_t failures = 0;
  for (const std::string& name : cases) {
    std::vector<std::string> words = program;
    words.push_back("--gtest_brief=1");
    words.push_back("--gtest_filter=" + name);
    const auto result = run(words);
    if (!result) return complain("no process can be started");
    if (result->passed()) continue;
    ++failures;
    std::printf("FAILED %s\n%s%sagain: scanhost-plugin check %s --config '%s' --filter '*%s*'\n\n",
                shortName(name).c_str(), result->output.c_str(), howItEnded(*result).c_str(),
                program[1].c_str(), program[2].c_str(), shortName(name).c_str());
  }
  std::printf("%zu passed, %zu failed\n", cases.size() - failures, failures);
  return failures == 0 ? passed : failed;
}

int check(const std::string& file, const std::string& settings, const std::string& filter) {
  const auto inspection = inspectPlugin(file);
  if (!inspection) return complain(inspection.error());
  for (const std::string& problem : inspection->problems)
    std::fprintf(stderr, "scanhost-plugin check: a host would refuse it: %s\n", problem.c_str());
  if (!inspection->problems.empty()) return failed;
  const auto suites = suitesProgram();
  if (!std::filesystem::exists(suites))
    return complain(suites.string() + " is missing: it is built with BUILD_TESTING=ON");
  const std::vector<std::string> program = {suites.string(), file, settings};
  std::vector<std::string> words = program;
  words.push_back("--gtest_list_tests");
  words.push_back("--gtest_filter=" + filter);
  const auto listing = run(words);
  if (!listing) return complain("no process can be started");
  if (!listing->passed()) return complain(listing->output + howItEnded(*listing));
  const auto cases = casesIn(listing->output);
  if (cases.empty()) return complain("no case is named like " + filter);
  return runCases(program, cases);
}

}  // namespace

void addCheck(CLI::App& app, int& exit_code) {
  struct Arguments {
    std::string file, settings = "{}", filter = "*";
  };
  auto arguments = std::make_shared<Arguments>();
  CLI::App* command =
      app.add_subcommand("check", "Run the behaviour suites of what a plugin provides against it");
  command->add_option("FILE", arguments->file, "The plugin's .so")->required();
  command->add_option("--config", arguments->settings,
                      "Its settings, JSON; ${folder} is a fresh folder, ${unique} a fresh word");
  command->add_option("--filter", arguments->filter, "Only these cases, as in *Lease*:*Expire*");
  command->callback([arguments, &exit_code] {
    exit_code = check(arguments->file, arguments->settings, arguments->filter);
  });
}

}  // namespace scanhost
