// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include <iostream>

#include "host/base/escape.h"
#include "host/base/nearest.h"
#include "host/ctl/exit_code.h"
#include "host/ctl/output.h"
#include "host/ctl/terminal.h"
#include "host/ctl/verbs.h"
#include "host/ctl/watch.h"

namespace scanhost::ctl {
namespace {

constexpr std::size_t longest_name = 255;

std::optional<std::string> unlessEmpty(const std::string& text) {
  return text.empty() ? std::nullopt : std::optional(text);
}

client::ScanOptions scanOptions(const SubmitCommand& command, const CommonOptions& common) {
  client::ScanOptions options;
  options.description = command.description;
  options.idempotency_key = unlessEmpty(command.idempotency_key);
  options.scanner_pool = unlessEmpty(common.pool);
  options.scanner_instance = unlessEmpty(command.instance);
  options.scan_template = unlessEmpty(command.scan_template);
  options.plan_digest = unlessEmpty(command.plan_digest);
  return options;
}

void refuseLoginOptions(const SubmitCommand& command) {
  const bool login = !command.credential.empty() || !command.ssh_user.empty() ||
                     !command.ssh_password_file.empty() || !command.elevate_with.empty() ||
                     !command.escalation_account.empty() ||
                     !command.escalation_password_file.empty();
  if (login)
    throw UsageError("a login is for --scan-type authenticated or authenticated_privileged only");
}

client::ScanLogin login(const SubmitCommand& command) {
  if (command.credential.empty() && command.ssh_user.empty())
    throw UsageError("--scan-type " + command.scan_type + " needs --credential or --ssh-user");
  if (!command.credential.empty() && !command.ssh_user.empty())
    throw UsageError("--credential and --ssh-user exclude each other");
  client::ScanLogin login;
  login.credential = unlessEmpty(command.credential);
  login.ssh_username = command.ssh_user;
  if (!command.ssh_user.empty())
    login.ssh_password = command.ssh_password_file.empty()
                             ? readSecret("SSH password of " + forTerminal(command.ssh_user))
                             : readSecretFile(command.ssh_password_file, "SSH password");
  if (!command.elevate_with.empty()) login.elevate_privileges_with = command.elevate_with;
  login.escalation_account = command.escalation_account;
  if (!command.escalation_password_file.empty())
    login.escalation_password =
        readSecretFile(command.escalation_password_file, "escalation password");
  return login;
}

client::SubmittedScan send(client::Client& client, const SubmitCommand& command,
                           const CommonOptions& common) {
  const std::string targets = joinNames(command.targets, ",");
  const std::string name =
      command.name.empty() ? ("Scan of " + targets).substr(0, longest_name) : command.name;
  const client::ScanOptions options = scanOptions(command, common);
  if (command.scan_type != "untrusted")
    return client.submit_authenticated_scan(targets, name, command.scan_type, login(command),
                                            options);
  refuseLoginOptions(command);
  return client.submit_scan(targets, name, options);
}

const std::vector<Column>& submissionColumns() {
  static const std::vector<Column> columns = {{"task", "task_id"},
                                              {"status", "status"},
                                              {"type", "scan_type"},
                                              {"pool", "scanner_pool"},
                                              {"scanner", "scanner_instance"},
                                              {"queue position", "queue_position"},
                                              {"estimated wait (min)", "estimated_wait_minutes"},
                                              {"message", "message"},
                                              {"already known", "idempotent"},
                                              {"trace", "trace_id"}};
  return columns;
}

}  // namespace

int submit(const SubmitCommand& command, const CommonOptions& common) {
  client::Client client = connect(common);
  const client::SubmittedScan scan = send(client, command, common);
  if (!common.watch && !command.wait) {
    writeRecord(std::cout, common.format, submissionColumns(), scan.json);
    return exit_done;
  }
  std::cerr << "submitted as " << forTerminal(scan.task_id) << '\n';
  return followScan(client, scan.task_id, common);
}

}  // namespace scanhost::ctl
