// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// The verbs that look at one task or end it.
#include <iostream>

#include "host/ctl/exit_code.h"
#include "host/ctl/output.h"
#include "host/ctl/verbs.h"
#include "host/ctl/watch.h"

namespace scanhost::ctl {

int status(const StatusCommand& command, const CommonOptions& common) {
  client::Client client = connect(common);
  if (common.watch) return followScan(client, command.task_id, common);
  writeStatus(client.get_status(command.task_id).json, common.format);
  return exit_done;
}

int cancel(const CancelCommand& command, const CommonOptions& common) {
  static const std::vector<Column> columns = {{"task", "task_id"},
                                              {"status", "status"},
                                              {"cancel requested", "cancel_requested"},
                                              {"message", "message"},
                                              {"trace", "trace_id"}};
  client::Client client = connect(common);
  writeRecord(std::cout, common.format, columns, client.cancel(command.task_id, command.reason));
  return exit_done;
}

}  // namespace scanhost::ctl
