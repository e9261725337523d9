// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <filesystem>
#include <iostream>

#include "host/base/escape.h"
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
    int operator()(const PlanCommand& command) const { return plan(command, common); }
    int operator()(const CompareCommand& command) const { return compare(command, common); }
    int operator()(const ExportCommand& command) const { return exportResults(command, common); }
    int operator()(const TasksCommand& command) const { return tasks(command, common); }
    int operator()(const ScannersCommand&) const { return scanners(common); }
    int operator()(const PoolsCommand&) const { return pools(common); }
    int operator()(const QueueCommand&) const { return queue(common); }
    int operator()(const CancelCommand& command) const { return cancel(command, common); }
    int operator()(const PauseCommand& command) const { return pause(command, common); }
    int operator()(const ResumeCommand& command) const { return resume(command, common); }
    int operator()(const DeleteCommand& command) const { return remove(command, common); }
    int operator()(const DlqListCommand& command) const { return dlqList(command, common); }
    int operator()(const DlqShowCommand& command) const { return dlqShow(command, common); }
    int operator()(const DlqRedriveCommand& command) const { return dlqRedrive(command, common); }
    int operator()(const DlqPurgeCommand& command) const { return dlqPurge(command, common); }
    int operator()(const ReloadCommand&) const { return reload(common); }
    int operator()(const AuditShowCommand& command) const { return auditShow(command, common); }
    int operator()(const KillSwitchCommand& command) const { return killSwitch(command, common); }
    int operator()(const TokenCreateCommand& command) const { return tokenCreate(command); }
    int operator()(const TokenListCommand& command) const { return tokenList(command, common); }
    int operator()(const TokenRevokeCommand& command) const { return tokenRevoke(command); }
    int operator()(const DoctorCommand& command) const { return doctor(command, common); }
    int operator()(const SupportBundleCommand& command) const {
      return supportBundle(command, common);
    }
  };
  return std::visit(Runner{common}, invocation.command);
}

/// Whether the command line says whom to ask.
bool namesService(const CommonOptions& common) {
  return !common.socket.empty() || !common.url.empty() || !common.token_file.empty();
}

/// Where packages and the default configuration put the control socket.
constexpr std::array control_sockets = {"/run/scanhost/control.sock",
                                        "/var/lib/scanhost/control.sock"};

/// Empty when the environment names none and none is in its place.
std::string controlSocket() {
  if (const char* named = std::getenv("SCANHOST_SOCKET"); named && *named) return named;
  for (const char* path : control_sockets) {
    std::error_code error;
    if (std::filesystem::is_socket(path, error)) return path;
  }
  return "";
}

/// Why nobody may have answered a verb that wants the control socket; empty where it was chosen
/// whom to ask.
std::string adviceOnSocket(const Invocation& invocation) {
  const Command& command = invocation.command;
  const bool for_operators = std::holds_alternative<DlqListCommand>(command) ||
                             std::holds_alternative<DlqShowCommand>(command) ||
                             std::holds_alternative<DlqRedriveCommand>(command) ||
                             std::holds_alternative<DlqPurgeCommand>(command) ||
                             std::holds_alternative<ReloadCommand>(command) ||
                             std::holds_alternative<AuditShowCommand>(command) ||
                             std::holds_alternative<KillSwitchCommand>(command);
  if (!for_operators || namesService(invocation.common) || !controlSocket().empty()) return "";
  std::string advice =
      "hint: this is for operators, who call over the control socket; none was found as";
  for (const char* path : control_sockets) advice += std::string(" ") + path + ",";
  return advice + " and SCANHOST_SOCKET is not set: name it with --socket PATH\n";
}

/// The control socket, unless the environment names the service or this user may not use what was
/// found: whoever runs this need not be an operator.
std::string controlSocketToExamine() {
  const auto names = [](const char* variable) {
    const char* value = std::getenv(variable);
    return value && *value;
  };
  const std::string socket = controlSocket();
  if (names("SCANHOST_SOCKET")) return socket;
  if (names("SCANHOST_URL") || names("MCP_SERVER_URL")) return "";
  return ::access(socket.c_str(), R_OK | W_OK) == 0 ? socket : "";
}

std::string absolute(const std::string& path) {
  return std::filesystem::absolute(path).lexically_normal().string();
}

}  // namespace

client::Client connect(const CommonOptions& common) {
  client::ClientOptions options;
  options.url = common.socket.empty() ? common.url : "unix:" + absolute(common.socket);
  options.ca_file = common.ca_file;
  options.timeout = common.timeout;
  if (!common.token_file.empty()) options.token = readSecretFile(common.token_file, "token");
  options.log = [](const std::string& level, const std::string& message) {
    if (level != "debug" && level != "info")
      std::cerr << forTerminal(level) << ": " << forTerminal(message) << '\n';
  };
  return client::Client(options);
}

client::Client connectAsOperator(const CommonOptions& common) {
  CommonOptions chosen = common;
  if (!namesService(common)) chosen.socket = controlSocket();
  return connect(chosen);
}

client::Client connectToExamine(const CommonOptions& common) {
  CommonOptions chosen = common;
  if (!namesService(common)) chosen.socket = controlSocketToExamine();
  return connect(chosen);
}

int run(int argc, const char* const* argv) {
  const auto parsed = parseCommandLine(argc, argv);
  if (const auto* nothing = std::get_if<NothingToRun>(&parsed)) {
    (nothing->exit_code == exit_done ? std::cout : std::cerr) << nothing->text;
    return nothing->exit_code;
  }
  const auto& invocation = std::get<Invocation>(parsed);
  try {
    return runCommand(invocation);
  } catch (const std::exception& error) {
    const Outcome outcome = outcomeOf(error);
    std::cout << std::flush;
    std::cerr << "scanhostctl: " << outcome.message << '\n';
    if (outcome.exit_code == exit_unreachable) std::cerr << adviceOnSocket(invocation);
    return outcome.exit_code;
  }
}

}  // namespace scanhost::ctl
