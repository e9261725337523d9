// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "host/plugins/queue_client.h"

#include <utility>

namespace scanhost {
namespace {

/// Gathers tasks as values, up to a bound.
class TaskSink {
 public:
  explicit TaskSink(std::size_t most) : most_(most) {}
  TaskSink(const TaskSink&) = delete;
  TaskSink& operator=(const TaskSink&) = delete;

  const scanhost_task_sink* abi() const { return &abi_; }
  const SinkGuard& guard() const { return guard_; }
  std::vector<QueuedTask>& tasks() { return tasks_; }

 private:
  static scanhost_status take(void* context, const scanhost_task* task) {
    TaskSink& self = *static_cast<TaskSink*>(context);
    return self.guard_.run([&] {
      if (self.tasks_.size() == self.most_)
        throw PluginError(ErrorClass::internal, "the plugin told more than the " +
                                                    std::to_string(self.most_) +
                                                    " tasks it was asked for");
      self.tasks_.push_back(detail::own(wholeRecord(task, "task")));
    });
  }

  std::size_t most_;
  SinkGuard guard_;
  std::vector<QueuedTask> tasks_;
  scanhost_task_sink abi_{sizeof(scanhost_task_sink), 0, this, &take};
};

/// Gathers one value of type `Value` by the functions of a sink `Abi`, given by the user.
template <class Value, class Abi>
struct ValueSink {
  ValueSink() {
    abi.struct_size = sizeof abi;
    abi.context = this;
  }
  ValueSink(const ValueSink&) = delete;
  ValueSink& operator=(const ValueSink&) = delete;

  template <class Step>
  static scanhost_status step(void* context, Step&& take) noexcept {
    ValueSink& self = *static_cast<ValueSink*>(context);
    return self.guard.run([&] { take(self.value); });
  }

  Value value{};
  SinkGuard guard;
  Abi abi{};
};

bool knownOutcome(std::int32_t outcome) {
  return outcome >= SCANHOST_QUEUE_DONE && outcome <= SCANHOST_QUEUE_ID_TAKEN;
}

}  // namespace

QueueClient::QueueClient(std::string plugin, const scanhost_interface* table, void* self,
                         CallObserver observer, const PluginEventSink* events,
                         std::shared_ptr<const void> owner)
    : calls_("queue", std::move(plugin), std::move(observer), events),
      backend_(makeBackend(table, self, std::move(owner))) {}

std::shared_ptr<const QueueClient::Backend> QueueClient::makeBackend(
    const scanhost_interface* table, void* self, std::shared_ptr<const void> owner) {
  return std::make_shared<const Backend>(
      Backend{reinterpret_cast<const scanhost_queue*>(table), self, std::move(owner)});
}

void QueueClient::moveTo(const scanhost_interface* table, void* self,
                         std::shared_ptr<const void> owner) {
  backend_.put(makeBackend(table, self, std::move(owner)));
}

template <class Invoke>
Result<TaskAnswer> QueueClient::answer(std::string_view operation, CallOptions options,
                                       Invoke&& invoke) const {
  TaskSink sink(1);
  std::int32_t told = -1;
  const Status done =
      calls_.run(operation, std::move(options), sink.guard(),
                 [&](const scanhost_call* call) { return invoke(call, &told, sink.abi()); });
  if (!done) return tl::unexpected<Error>(done.error());
  if (!knownOutcome(told))
    return tl::unexpected<Error>(calls_.breach(operation, "outcome " + std::to_string(told)));
  TaskAnswer answer{static_cast<QueueOutcome>(told), std::nullopt};
  if (!sink.tasks().empty()) answer.task = std::move(sink.tasks().front());
  return answer;
}

template <class Invoke>
Result<QueueOutcome> QueueClient::outcome(std::string_view operation, CallOptions options,
                                          Invoke&& invoke) const {
  std::int32_t told = -1;
  const Status done = calls_.run(operation, std::move(options),
                                 [&](const scanhost_call* call) { return invoke(call, &told); });
  if (!done) return tl::unexpected<Error>(done.error());
  if (!knownOutcome(told))
    return tl::unexpected<Error>(calls_.breach(operation, "outcome " + std::to_string(told)));
  return static_cast<QueueOutcome>(told);
}

template <class Invoke>
Result<std::vector<QueuedTask>> QueueClient::tasks(std::string_view operation, std::size_t most,
                                                   CallOptions options, Invoke&& invoke) const {
  TaskSink sink(most);
  const Status done =
      calls_.run(operation, std::move(options), sink.guard(),
                 [&](const scanhost_call* call) { return invoke(call, sink.abi()); });
  if (!done) return tl::unexpected<Error>(done.error());
  return std::move(sink.tasks());
}

Result<TaskAnswer> QueueClient::submit(const Submission& submission, CallOptions options) const {
  const scanhost_submission abi = detail::lend(submission);
  return answer("submit", std::move(options), [&](auto* call, auto* outcome, auto* sink) {
    const auto at = backend_.get();
    return at->table->submit(at->self, call, &abi, outcome, sink);
  });
}

Result<std::vector<QueuedTask>> QueueClient::lease(const LeaseRequest& request,
                                                   CallOptions options) const {
  const detail::LentRecords<scanhost_lease_instance> instances(request.instances);
  scanhost_lease_request abi{};
  abi.struct_size = sizeof abi;
  abi.max_tasks = request.max_tasks;
  abi.worker = toText(request.worker);
  abi.lease_ns = request.lease.count();
  abi.now_us = request.now_us;
  abi.takeover_grace_ns = request.takeover_grace.count();
  abi.instances = instances.data();
  abi.instance_count = instances.size();
  return tasks("lease", request.max_tasks, std::move(options), [&](auto* call, auto* sink) {
    const auto at = backend_.get();
    return at->table->lease(at->self, call, &abi, sink);
  });
}

Result<std::vector<RenewalOutcome>> QueueClient::renew(std::span<const Renewal> renewals,
                                                       std::chrono::nanoseconds lease,
                                                       CallOptions options) const {
  using Sink = ValueSink<std::vector<std::optional<RenewalOutcome>>, scanhost_renewal_sink>;
  Sink sink;
  sink.value.resize(renewals.size());
  sink.abi.renewed = [](void* context, uint64_t index, int32_t outcome, uint32_t flags,
                        uint64_t found_epoch) {
    Sink::step(context, [&](auto& outcomes) {
      outcomes.at(static_cast<std::size_t>(index)) = {detail::toQueueOutcome(outcome),
                                                      TaskFlags::fromBits(flags), found_epoch};
    });
  };
  const detail::LentRecords<scanhost_renewal> abi(renewals);
  const Status done = calls_.run("renew", std::move(options), sink.guard, [&](auto* call) {
    const auto at = backend_.get();
    return at->table->renew(at->self, call, abi.data(), abi.size(), lease.count(), &sink.abi);
  });
  if (!done) return tl::unexpected<Error>(done.error());

  std::vector<RenewalOutcome> outcomes;
  outcomes.reserve(renewals.size());
  for (const auto& outcome : sink.value) {
    if (!outcome)
      return tl::unexpected<Error>(calls_.breach("renew", "a renewal was left without an outcome"));
    outcomes.push_back(*outcome);
  }
  return outcomes;
}

Result<TaskAnswer> QueueClient::advance(const Lease& lease, const Change& change,
                                        CallOptions options) const {
  const scanhost_lease held = detail::lend(lease);
  const scanhost_change abi = detail::lend(change);
  return answer("advance", std::move(options), [&](auto* call, auto* outcome, auto* sink) {
    const auto at = backend_.get();
    return at->table->advance(at->self, call, &held, &abi, outcome, sink);
  });
}

Result<QueueOutcome> QueueClient::finish(const Lease& lease, const Finish& finish,
                                         CallOptions options) const {
  const scanhost_lease held = detail::lend(lease);
  const scanhost_finish abi = detail::lend(finish);
  return outcome("finish", std::move(options), [&](auto* call, auto* told) {
    const auto at = backend_.get();
    return at->table->finish(at->self, call, &held, &abi, told);
  });
}

Result<QueueOutcome> QueueClient::release(const Lease& lease, const Release& release,
                                          CallOptions options) const {
  const scanhost_lease held = detail::lend(lease);
  const scanhost_release abi = detail::lend(release);
  return outcome("release", std::move(options), [&](auto* call, auto* told) {
    const auto at = backend_.get();
    return at->table->release(at->self, call, &held, &abi, told);
  });
}

Result<TaskAnswer> QueueClient::redrive(std::string_view id, bool relaunch,
                                        CallOptions options) const {
  return answer("redrive", std::move(options), [&](auto* call, auto* outcome, auto* sink) {
    const auto at = backend_.get();
    return at->table->redrive(at->self, call, toText(id), relaunch ? 1 : 0, outcome, sink);
  });
}

Result<TaskAnswer> QueueClient::request(std::string_view id, TaskRequest what, std::int64_t now_us,
                                        CallOptions options) const {
  return answer("request", std::move(options), [&](auto* call, auto* outcome, auto* sink) {
    const auto at = backend_.get();
    return at->table->request(at->self, call, toText(id), static_cast<int32_t>(what), now_us,
                              outcome, sink);
  });
}

Result<QueueOutcome> QueueClient::remove(std::string_view id, CallOptions options) const {
  return outcome("remove", std::move(options), [&](auto* call, auto* told) {
    const auto at = backend_.get();
    return at->table->remove(at->self, call, toText(id), told);
  });
}

Result<std::vector<QueuedTask>> QueueClient::expire(std::int64_t completed_before_us,
                                                    std::int64_t failed_before_us,
                                                    std::uint32_t limit,
                                                    CallOptions options) const {
  return tasks("expire", limit, std::move(options), [&](auto* call, auto* sink) {
    const auto at = backend_.get();
    return at->table->expire(at->self, call, completed_before_us, failed_before_us, limit, sink);
  });
}

Result<QueueOutcome> QueueClient::timeOut(std::string_view id, std::uint64_t epoch,
                                          std::int64_t now_us, std::string_view error_message,
                                          CallOptions options) const {
  return outcome("time_out", std::move(options), [&](auto* call, auto* told) {
    const auto at = backend_.get();
    return at->table->time_out(at->self, call, toText(id), epoch, now_us, toText(error_message),
                               told);
  });
}

Result<std::optional<QueuedTask>> QueueClient::get(std::string_view id, CallOptions options) const {
  auto found = tasks("get", 1, std::move(options), [&](auto* call, auto* sink) {
    const auto at = backend_.get();
    return at->table->get(at->self, call, toText(id), sink);
  });
  if (!found) return tl::unexpected<Error>(found.error());
  if (found->empty()) return std::optional<QueuedTask>();
  return std::optional<QueuedTask>(std::move(found->front()));
}

Result<TaskPage> QueueClient::list(const TaskQuery& query, CallOptions options) const {
  using Sink = ValueSink<TaskPage, scanhost_list_sink>;
  Sink sink;
  sink.abi.task = [](void* context, const scanhost_task* task) {
    return Sink::step(context, [&](TaskPage& page) {
      page.tasks.push_back(detail::own(wholeRecord(task, "task")));
    });
  };
  sink.abi.next = [](void* context, scanhost_text cursor) {
    Sink::step(context, [&](TaskPage& page) { page.next = toString(cursor); });
  };
  sink.abi.counted = [](void* context, uint64_t total) {
    Sink::step(context, [&](TaskPage& page) { page.total = total; });
  };
  const scanhost_task_query abi = detail::lend(query);
  const Status done = calls_.run("list", std::move(options), sink.guard, [&](auto* call) {
    const auto at = backend_.get();
    return at->table->list(at->self, call, &abi, &sink.abi);
  });
  if (!done) return tl::unexpected<Error>(done.error());
  return std::move(sink.value);
}

Result<QueueCounts> QueueClient::counts(CallOptions options) const {
  using Sink = ValueSink<QueueCounts, scanhost_counts_sink>;
  Sink sink;
  sink.abi.pool = [](void* context, scanhost_text pool, const scanhost_queue_counts* counts) {
    Sink::step(context, [&](QueueCounts& all) {
      all.pools.push_back(detail::own(toString(pool), wholeRecord(counts, "count")));
    });
  };
  sink.abi.instance = [](void* context, scanhost_text pool, scanhost_text instance,
                         uint64_t active) {
    Sink::step(context, [&](QueueCounts& all) {
      all.instances.push_back({toString(pool), toString(instance), active});
    });
  };
  const Status done = calls_.run("counts", std::move(options), sink.guard, [&](auto* call) {
    const auto at = backend_.get();
    return at->table->counts(at->self, call, &sink.abi);
  });
  if (!done) return tl::unexpected<Error>(done.error());
  return std::move(sink.value);
}

Status QueueClient::announce(std::string_view worker, std::span<const InstanceState> instances,
                             CallOptions options) const {
  const detail::LentRecords<scanhost_instance_state> abi(instances);
  return calls_.run("announce", std::move(options), [&](auto* call) {
    const auto at = backend_.get();
    return at->table->announce(at->self, call, toText(worker), abi.data(), abi.size());
  });
}

Result<std::vector<InstanceState>> QueueClient::instances(CallOptions options) const {
  using Sink = ValueSink<std::vector<InstanceState>, scanhost_instance_sink>;
  Sink sink;
  sink.abi.instance = [](void* context, scanhost_text worker,
                         const scanhost_instance_state* state) {
    return Sink::step(context, [&](auto& all) {
      all.push_back(detail::own(toString(worker), wholeRecord(state, "instance state")));
    });
  };
  const Status done = calls_.run("instances", std::move(options), sink.guard, [&](auto* call) {
    const auto at = backend_.get();
    return at->table->instances(at->self, call, &sink.abi);
  });
  if (!done) return tl::unexpected<Error>(done.error());
  return std::move(sink.value);
}

Result<QueueChanges> QueueClient::changes(std::uint64_t sequence, std::chrono::nanoseconds wait,
                                          CallOptions options) const {
  using Sink = ValueSink<QueueChanges, scanhost_change_sink>;
  Sink sink;
  sink.abi.change = [](void* context, const scanhost_queue_change* change) {
    return Sink::step(context, [&](QueueChanges& all) {
      all.changes.push_back(detail::own(wholeRecord(change, "change")));
    });
  };
  sink.abi.gap = [](void* context, uint64_t from) {
    Sink::step(context, [&](QueueChanges& all) { all.gap = from; });
  };
  const Status done = calls_.run("changes", std::move(options), sink.guard, [&](auto* call) {
    const auto at = backend_.get();
    return at->table->changes(at->self, call, sequence, wait.count(), &sink.abi);
  });
  if (!done) return tl::unexpected<Error>(done.error());
  return std::move(sink.value);
}

Result<Durability> QueueClient::durability(CallOptions options) const {
  using Sink = ValueSink<std::optional<Durability>, scanhost_durability_sink>;
  Sink sink;
  sink.abi.durability = [](void* context, const scanhost_durability* found) {
    Sink::step(context,
               [&](auto& value) { value = detail::own(wholeRecord(found, "durability")); });
  };
  const Status done = calls_.run("durability", std::move(options), sink.guard, [&](auto* call) {
    const auto at = backend_.get();
    return at->table->durability(at->self, call, &sink.abi);
  });
  if (!done) return tl::unexpected<Error>(done.error());
  if (!sink.value)
    return tl::unexpected<Error>(calls_.breach("durability", "the plugin told nothing"));
  return std::move(*sink.value);
}

}  // namespace scanhost
