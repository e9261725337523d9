// SPDX-FileCopyrightText: @VENDOR@
// SPDX-License-Identifier: @SPDX@

/// The file that carries tasks over a clean stop. Taken away when it is read: after a crash an old one
/// would bring back tasks as they were before they were launched.
#include <scanhost/json.h>
#include <unistd.h>

#include <cstdio>
#include <fstream>
#include <iterator>

#include "memory_queue.h"

using namespace scanhost;
using std::chrono::nanoseconds;

namespace {

/// Calls `visit(name, member)` for every member of a task that is stored.
template <class Task, class Visit>
void visitTask(Task& task, Visit&& visit) {
  visit("id", task.id);
  visit("trace_id", task.trace_id);
  visit("owner", task.owner);
  visit("pool", task.pool);
  visit("wanted_instance", task.wanted_instance);
  visit("instance", task.instance);
  visit("submission", task.submission);
  visit("progress", task.progress);
  visit("reference", task.reference);
  visit("run_id", task.run_id);
  visit("generation", task.generation);
  visit("error_message", task.error_message);
  visit("worker", task.worker);
  visit("created_us", task.created_us);
  visit("started_us", task.started_us);
  visit("completed_us", task.completed_us);
  visit("queued_us", task.queued_us);
  visit("attempt", task.attempt);
  visit("takeovers", task.takeovers);
  visit("launch", task.launch);
  visit("epoch", task.epoch);
}

[[noreturn]] void failed(const std::string& file, const char* what) {
  throw PluginError(ErrorClass::transient, file + " cannot be " + what, ErrorSubject::backend);
}

}  // namespace

void @CLASS@::save() const {
  const Clock::time_point now = Clock::now();
  Json all = Json::object({{"tasks", Json::array()}, {"keys", Json::array()}});
  for (const auto& [arrival, entry] : tasks_) {
    Json& task = all["tasks"].push(Json::object());
    visitTask(entry.task, [&task](const char* name, const auto& value) { task[name] = value; });
    task["state"] = static_cast<int>(entry.task.state);
    task["flags"] = entry.task.flags.bits();
    task["error_class"] = detail::fromErrorClass(entry.task.error_class);
    for (const std::uint8_t byte : entry.task.token) task["token"].push(static_cast<int>(byte));
    task["held"] = entry.held;
    task["leased"] = entry.leased;
    task["bound"] = entry.bound;
    task["due_in"] = std::max(nanoseconds(0), nanoseconds(entry.due - now)).count();
    task["lease_left"] = nanoseconds(entry.lease_end - now).count();
  }
  for (const auto& [name, key] : keys_)
    all["keys"].push(Json::array(
        {name.first, name.second, key.id, key.hash, nanoseconds(key.end - now).count()}));
  const std::string fresh = file() + ".new";
  std::ofstream out(fresh, std::ios::binary);
  out << all.dump();
  out.close();
  if (!out || std::rename(fresh.c_str(), file().c_str()) != 0) failed(file(), "written");
}

void @CLASS@::load() {
  std::ifstream in(file(), std::ios::binary);
  if (!in) return;
  const std::string text(std::istreambuf_iterator<char>(in), {});
  if (unlink(file().c_str()) != 0) failed(file(), "taken away");
  const Json all = Json::parse(text);
  const Clock::time_point now = Clock::now();
  for (const Json& task : all["tasks"].items()) {
    Entry& entry = tasks_[next_arrival_];
    visitTask(entry.task, [&task](const char* name, auto& value) {
      if constexpr (std::is_same_v<std::decay_t<decltype(value)>, std::string>)
        value = task[name].asString();
      else
        value = static_cast<std::decay_t<decltype(value)>>(task[name].asInteger());
    });
    entry.task.state = detail::toTaskState(static_cast<std::int32_t>(task["state"].asInteger()));
    entry.task.flags =
        TaskFlags::fromBits(static_cast<std::uint32_t>(task["flags"].asInteger()));
    entry.task.error_class =
        detail::toErrorClass(static_cast<std::int32_t>(task["error_class"].asInteger()));
    for (std::size_t i = 0; i < entry.task.token.size() && i < task["token"].items().size(); ++i)
      entry.task.token[i] = static_cast<std::uint8_t>(task["token"].items()[i].asInteger());
    entry.held = task["held"].asBool();
    entry.leased = task["leased"].asBool();
    entry.bound = task["bound"].asBool();
    entry.due = now + nanoseconds(task["due_in"].asInteger());
    entry.lease_end = now + nanoseconds(task["lease_left"].asInteger());
    arrivals_[entry.task.id] = next_arrival_++;
    pools_.insert(entry.task.pool);
    if (!entry.task.instance.empty()) places_.insert({entry.task.pool, entry.task.instance});
  }
  for (const Json& key : all["keys"].items())
    keys_[{key.items().at(0).asString(), key.items().at(1).asString()}] = {
        key.items().at(2).asString(), key.items().at(3).asString(),
        now + nanoseconds(key.items().at(4).asInteger())};
}
