// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// Events about a task: each carries what joins them (task, trace, pool, instance), so that one
/// scan's story can be read by its trace id. Any thread.
#pragma once

#include <scanhost/json.h>
#include <scanhost/queue_records.h>

#include <functional>
#include <string_view>
#include <utility>

#include "host/telemetry/event_log.h"

namespace scanhost {

class TaskEvents {
 public:
  /// Adds fields that older readers of the log know by historic names; may be empty.
  using ExtraFields = std::function<void(const QueuedTask& task, Json& fields)>;

  explicit TaskEvents(EventLog& log, ExtraFields extra = {})
      : log_(log), extra_(std::move(extra)) {}

  void emit(Level level, std::string_view event, const QueuedTask& task,
            Json fields = Json::object()) const {
    if (!log_.enabled(level)) return;
    Json all =
        Json::object({{"task_id", task.id},
                      {"scanner_pool", task.pool},
                      {"scanner_instance", task.instance.empty() ? Json() : Json(task.instance)}});
    if (extra_) extra_(task, all);
    for (const Json::Member& member : fields.members()) all[member.first] = member.second;
    log_.emit(level, "tasks", event, task.trace_id, std::move(all));
  }

  EventLog& log() const { return log_; }

 private:
  EventLog& log_;
  ExtraFields extra_;
};

}  // namespace scanhost
