// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// The verbs that look at one task, steer it, end it or delete it.
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

namespace {

int steer(const char* tool, const std::string& task_id, const CommonOptions& common) {
  static const std::vector<Column> columns = {{"task", "task_id"},
                                              {"status", "status"},
                                              {"pause requested", "pause_requested"},
                                              {"message", "message"},
                                              {"trace", "trace_id"}};
  client::Client client = connect(common);
  writeRecord(std::cout, common.format, columns,
              client.call_tool(tool, Json::object({{"task_id", task_id}})));
  return exit_done;
}

}  // namespace

int pause(const PauseCommand& command, const CommonOptions& common) {
  return steer("pause_scan", command.task_id, common);
}

int resume(const ResumeCommand& command, const CommonOptions& common) {
  return steer("resume_scan", command.task_id, common);
}

int remove(const DeleteCommand& command, const CommonOptions& common) {
  static const std::vector<Column> columns = {{"task", "task_id"},
                                              {"deleted", "deleted"},
                                              {"findings deleted", "findings_deleted"},
                                              {"on the scanner", "remote"}};
  client::Client client = connect(common);
  writeRecord(
      std::cout, common.format, columns,
      client.call_tool("delete_scan", Json::object({{"task_id", command.task_id},
                                                    {"delete_remote", !command.keep_remote}})));
  return exit_done;
}

}  // namespace scanhost::ctl
