// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "plugins/scanner/greenbone/task_state.h"

#include <charconv>

#include "plugins/shared/remote_scan/remote_name.h"

namespace scanhost::greenbone {
namespace {

int percentOf(const std::string& text, RemoteStatus status) {
  if (status == RemoteStatus::completed) return 100;
  int percent = -1;
  std::from_chars(text.data(), text.data() + text.size(), percent);
  return percent > 100 ? -1 : percent;
}

}  // namespace

const std::vector<std::string>& taskFields() {
  static const std::vector<std::string> fields{"name",
                                               "status",
                                               "progress",
                                               "current_report/report@id",
                                               "last_report/report@id",
                                               "report_count",
                                               "target@id",
                                               "target/name"};
  return fields;
}

RemoteStatus statusOf(std::string_view status) {
  static constexpr std::pair<std::string_view, RemoteStatus> known[] = {
      {"New", RemoteStatus::created},
      {"Requested", RemoteStatus::pending},
      {"Queued", RemoteStatus::pending},
      {"Running", RemoteStatus::running},
      {"Processing", RemoteStatus::running},
      {"Stop Requested", RemoteStatus::stopping},
      {"Delete Requested", RemoteStatus::stopping},
      {"Ultimate Delete Requested", RemoteStatus::stopping},
      {"Stopped", RemoteStatus::stopped},
      {"Interrupted", RemoteStatus::aborted},
      {"Done", RemoteStatus::completed},
  };
  for (const auto& [word, state] : known)
    if (word == status) return state;
  return RemoteStatus::running;
}

RemoteState taskState(const Fields& task) {
  RemoteState state;
  state.reference = textAt(task, "@id");
  state.marker = markerIn(textAt(task, "name"));
  state.name = clientNameIn(textAt(task, "name"));
  state.status = textAt(task, "status");
  state.state = statusOf(state.status);
  state.percent = percentOf(textAt(task, "progress"), state.state);
  // The report under way is the newest; the last is the newest that came to its end.
  state.run_id = textAt(task, "current_report/report@id");
  if (state.run_id.empty()) state.run_id = textAt(task, "last_report/report@id");
  if (state.state == RemoteStatus::created && !state.run_id.empty())
    state.state = RemoteStatus::running;
  return state;
}

bool isFresh(const RemoteState& state) {
  return state.state == RemoteStatus::created && state.run_id.empty();
}

}  // namespace scanhost::greenbone
