// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

#include "plugins/queue/redis/record.h"

#include <algorithm>
#include <charconv>
#include <map>
#include <string_view>

namespace scanhost::queue_redis {
namespace {

template <class Number>
void read(const std::string& text, Number& number, const QueuedTask& task, const char* field) {
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, number);
  if (error == std::errc() && stop == end) return;
  throw PluginError(ErrorClass::internal,
                    "queue-redis: the record of task " + task.id.substr(0, 128) +
                        " is damaged (its " + field + " is no number); mend or remove it",
                    ErrorSubject::backend);
}

std::chrono::nanoseconds readMicros(const std::string& text, const QueuedTask& task,
                                    const char* field) {
  std::int64_t micros = 0;
  read(text, micros, task, field);
  return std::chrono::microseconds(micros);
}

using Setter = void (*)(QueuedTask&, std::string&&);

template <std::string QueuedTask::*Member>
void setText(QueuedTask& task, std::string&& value) {
  task.*Member = std::move(value);
}

const std::map<std::string_view, Setter>& setters() {
  static const std::map<std::string_view, Setter> known{
      {"@id", setText<&QueuedTask::id>},
      {"trace", setText<&QueuedTask::trace_id>},
      {"owner", setText<&QueuedTask::owner>},
      {"pool", setText<&QueuedTask::pool>},
      {"wanted", setText<&QueuedTask::wanted_instance>},
      {"instance", setText<&QueuedTask::instance>},
      {"submission", setText<&QueuedTask::submission>},
      {"progress", setText<&QueuedTask::progress>},
      {"reference", setText<&QueuedTask::reference>},
      {"run", setText<&QueuedTask::run_id>},
      {"generation", setText<&QueuedTask::generation>},
      {"error", setText<&QueuedTask::error_message>},
      {"worker", setText<&QueuedTask::worker>},
      {"@previous_worker", setText<&QueuedTask::previous_worker>},
      {"state",
       [](QueuedTask& task, std::string&& value) {
         std::int32_t state = 0;
         read(value, state, task, "state");
         task.state = detail::toTaskState(state);
       }},
      {"flags",
       [](QueuedTask& task, std::string&& value) {
         std::uint32_t bits = 0;
         read(value, bits, task, "flags");
         task.flags = TaskFlags::fromBits(bits);
       }},
      {"error_class",
       [](QueuedTask& task, std::string&& value) {
         std::int32_t error_class = 0;
         read(value, error_class, task, "error_class");
         task.error_class = detail::toErrorClass(error_class);
       }},
      {"created", [](QueuedTask& task,
                     std::string&& value) { read(value, task.created_us, task, "created"); }},
      {"queued",
       [](QueuedTask& task, std::string&& value) { read(value, task.queued_us, task, "queued"); }},
      {"started", [](QueuedTask& task,
                     std::string&& value) { read(value, task.started_us, task, "started"); }},
      {"completed", [](QueuedTask& task,
                       std::string&& value) { read(value, task.completed_us, task, "completed"); }},
      {"attempt",
       [](QueuedTask& task, std::string&& value) { read(value, task.attempt, task, "attempt"); }},
      {"takeovers", [](QueuedTask& task,
                       std::string&& value) { read(value, task.takeovers, task, "takeovers"); }},
      {"launch",
       [](QueuedTask& task, std::string&& value) { read(value, task.launch, task, "launch"); }},
      {"epoch",
       [](QueuedTask& task, std::string&& value) { read(value, task.epoch, task, "epoch"); }},
      {"@position",
       [](QueuedTask& task, std::string&& value) { read(value, task.position, task, "position"); }},
      {"@lease_left",
       [](QueuedTask& task, std::string&& value) {
         task.lease_left = readMicros(value, task, "lease");
       }},
      {"@delay", [](QueuedTask& task,
                    std::string&& value) { task.delay = readMicros(value, task, "delay"); }},
  };
  return known;
}

}  // namespace

QueuedTask taskOf(const Reply& record) {
  const auto items = itemsOf(record);
  if (items.size() % 2 != 0) throw ProtocolError("a record is no list of fields and values");
  QueuedTask task;
  for (std::size_t i = 0; i < items.size(); i += 2)
    if (textOf(items[i]) == "@id") task.id = textOf(items[i + 1]);
  for (std::size_t i = 0; i < items.size(); i += 2) {
    const auto found = setters().find(textOf(items[i]));
    if (found != setters().end()) found->second(task, textOf(items[i + 1]));
  }
  if (task.queued_us == 0) task.queued_us = task.created_us;
  return task;
}

std::vector<QueuedTask> tasksOf(const Reply& records) {
  std::vector<QueuedTask> tasks;
  for (const Reply& record : itemsOf(records)) tasks.push_back(taskOf(record));
  return tasks;
}

QueueOutcome outcomeOf(const Reply& reply) {
  return detail::toQueueOutcome(static_cast<std::int32_t>(integerOf(reply)));
}

TaskAnswer answerOf(const Reply& reply) {
  const auto items = itemsOf(reply);
  if (items.empty()) throw ProtocolError("an answer has no outcome");
  TaskAnswer answer{outcomeOf(items[0]), std::nullopt};
  if (items.size() > 1) answer.task = taskOf(items[1]);
  return answer;
}

}  // namespace scanhost::queue_redis
