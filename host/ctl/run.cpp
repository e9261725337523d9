// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include <cstdlib>
#include <iostream>

#include "host/ctl/escape.h"
#include "host/ctl/exit_code.h"
#include "host/ctl/terminal.h"
#include "host/ctl/verbs.h"

namespace scanhost::ctl {
namespace {

int runCommand(const Invocation& invocation) {
  const CommonOptions& common = invocation.common;
  struct Runner {
    const CommonOptions& common;
    int operator()(const SubmitCommand& command) const { return submit(command, common); }
    int operator()(const StatusCommand& command) const { return status(command, common); }
    int operator()(const ResultsCommand& command) const { return results(command, common); }
    int operator()(const TasksCommand& command) const { return tasks(command, common); }
    int operator()(const ScannersCommand&) const { return scanners(common); }
    int operator()(const PoolsCommand&) const { return pools(common); }
    int operator()(const QueueCommand&) const { return queue(common); }
    int operator()(const CancelCommand& command) const { return cancel(command, common); }
    int operator()(const DoctorCommand& command) const { return doctor(command, common); }
  };
  return std::visit(Runner{common}, invocation.command);
}

}  // namespace

client::Client connect(const CommonOptions& common) {
  client::ClientOptions options;
  options.url = common.url;
  options.ca_file = common.ca_file;
  options.timeout = common.timeout;
  if (!common.token_file.empty()) options.token = readSecretFile(common.token_file, "token");
  options.log = [](const std::string& level, const std::string& message) {
    if (level != "debug" && level != "info")
      std::cerr << forTerminal(level) << ": " << forTerminal(message) << '\n';
  };
  return client::Client(options);
}

int run(int argc, const char* const* argv) {
  const auto parsed = parseCommandLine(argc, argv);
  if (const auto* nothing = std::get_if<NothingToRun>(&parsed)) {
    (nothing->exit_code == exit_done ? std::cout : std::cerr) << nothing->text;
    return nothing->exit_code;
  }
  try {
    return runCommand(std::get<Invocation>(parsed));
  } catch (const std::exception& error) {
    const Outcome outcome = outcomeOf(error);
    std::cout << std::flush;
    std::cerr << "scanhostctl: " << outcome.message << '\n';
    return outcome.exit_code;
  }
}

}  // namespace scanhost::ctl
