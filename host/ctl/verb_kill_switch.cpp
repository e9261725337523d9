// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// `scanhostctl kill-switch`: stops all launches of a node, and lets them go on.
#include <iostream>

#include "host/ctl/exit_code.h"
#include "host/ctl/operator_call.h"
#include "host/ctl/output.h"
#include "host/ctl/verbs.h"

namespace scanhost::ctl {
namespace {

const std::vector<Column>& switchColumns(bool of_change) {
  static const std::vector<Column> look = {
      {"engaged", "engaged"}, {"since", "since"}, {"caller", "caller"}, {"reason", "reason"}};
  static const std::vector<Column> change = {{"engaged", "engaged"},
                                             {"since", "since"},
                                             {"caller", "caller"},
                                             {"reason", "reason"},
                                             {"scans stopped", "scans_stopped"}};
  return of_change ? change : look;
}

}  // namespace

int killSwitch(const KillSwitchCommand& command, const CommonOptions& common) {
  using What = KillSwitchCommand::What;
  client::Client client = connectAsOperator(common);
  if (command.what == What::status) {
    writeRecord(std::cout, common.format, switchColumns(false),
                operatorCall(client, "get_kill_switch", Json::object()));
    return exit_done;
  }
  Json arguments = Json::object({{"state", command.what == What::on ? "on" : "off"},
                                 {"stop_running", command.stop_running},
                                 {"reason", command.reason}});
  std::int64_t stopped = 0;
  Json answer;
  do {
    answer = operatorCall(client, "set_kill_switch", arguments);
    stopped += answer["scans_stopped"].asInteger();
  } while (!answer["complete"].asBool());
  answer["scans_stopped"] = stopped;
  writeRecord(std::cout, common.format, switchColumns(true), answer);
  if (!answer["outlasts_restart"].asBool())
    std::cerr << "warning: its file could not be written; launches are stopped until a restart\n";
  return exit_done;
}

}  // namespace scanhost::ctl
