// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "host/app/historic_names.h"

#include <charconv>

#include "host/tasks/task_documents.h"

namespace scanhost {
namespace {

constexpr std::string_view nessus = "nessus";
constexpr std::string_view redis_queue = "queue-redis";

Json asNumber(const std::string& reference) {
  std::int64_t number = 0;
  const auto [end, error] =
      std::from_chars(reference.data(), reference.data() + reference.size(), number);
  if (error != std::errc() || end != reference.data() + reference.size()) return {};
  return number;
}

}  // namespace

void addHistoricTaskFields(const QueuedTask& task, std::string_view scanner_type, Json& answer) {
  if (scanner_type == nessus) answer["nessus_scan_id"] = asNumber(task.reference);
}

void addHistoricEventFields(const QueuedTask& task, Json& fields) {
  if (task.reference.empty()) return;
  const auto submission = SubmissionDocument::parse(task.submission, task.id);
  if (submission && submission->scanner_type == nessus)
    fields["nessus_scan_id"] = asNumber(task.reference);
}

void addHistoricStartFields(const PluginEntry& queue, Json& fields) {
  const Json& url = queue.config["url"];
  fields["redis_url"] = queue.plugin == redis_queue ? url : Json();
}

void addHistoricHealthFields(Health& health, std::string_view queue_plugin) {
  if (queue_plugin == redis_queue) health.mirror("redis_healthy", "queue");
}

}  // namespace scanhost
