// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// `scanhostctl reload`: the service reads its configuration again.
#include <iostream>

#include "host/base/escape.h"
#include "host/ctl/exit_code.h"
#include "host/ctl/operator_call.h"
#include "host/ctl/output.h"
#include "host/ctl/terminal.h"
#include "host/ctl/verbs.h"

namespace scanhost::ctl {
namespace {

Json rows(const Json& answer) {
  Json out = Json::array();
  for (const char* outcome : {"changed", "restart_required"})
    for (const Json& key : answer[outcome].items())
      out.push(Json::object({{"setting", key}, {"outcome", outcome}}));
  return out;
}

}  // namespace

int reload(const CommonOptions& common) {
  client::Client client = connectAsOperator(common);
  const Json answer = operatorCall(client, "reload", Json::object());
  if (common.format == Format::json || common.format == Format::jsonl) {
    std::cout << answer.dump() << '\n';
    return exit_done;
  }
  const Json settings = rows(answer);
  RecordWriter writer(std::cout, common.format, {{"setting", "setting"}, {"outcome", "outcome"}},
                      terminalWidth());
  for (const Json& setting : settings.items()) writer.add(setting);
  writer.finish();
  if (settings.items().empty()) std::cerr << "nothing changed\n";
  return exit_done;
}

}  // namespace scanhost::ctl
