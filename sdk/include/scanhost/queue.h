// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// The base class of queues: implement it, and SCANHOST_PLUGIN does the rest.
///
/// Every function is one atomic step and comes from any thread, several at once. It throws
/// PluginError (transient, ErrorSubject::backend) only when the store itself fails; a lost lease or
/// a wrong state is an outcome. abi/queue.h states what each must do.
#ifndef SCANHOST_QUEUE_H
#define SCANHOST_QUEUE_H

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "plugin.h"
#include "queue_records.h"

namespace scanhost {
inline namespace v1 {

class Queue : public Instance {
 public:
  static constexpr std::string_view interfaceId() noexcept { return SCANHOST_QUEUE_ID; }
  template <class Plugin>
  static const scanhost_interface* interfaceTable() noexcept;

  /// Created, replay (both with the task), conflict, full or id_taken.
  virtual TaskAnswer submit(const Submission& submission, Call& call) = 0;
  virtual std::vector<QueuedTask> lease(const LeaseRequest& request, Call& call) = 0;
  /// One outcome for each renewal, in their order.
  virtual std::vector<RenewalOutcome> renew(const std::vector<Renewal>& renewals,
                                            std::chrono::nanoseconds lease, Call& call) = 0;
  virtual TaskAnswer advance(const Lease& lease, const Change& change, Call& call) = 0;
  virtual QueueOutcome finish(const Lease& lease, const Finish& finish, Call& call) = 0;
  virtual QueueOutcome release(const Lease& lease, const Release& release, Call& call) = 0;

  virtual TaskAnswer redrive(const std::string& id, bool relaunch, Call& call) = 0;
  virtual TaskAnswer request(const std::string& id, TaskRequest what, std::int64_t now_us,
                             Call& call) = 0;
  virtual QueueOutcome remove(const std::string& id, Call& call) = 0;
  /// The removed tasks, as they were.
  virtual std::vector<QueuedTask> expire(std::int64_t completed_before_us,
                                         std::int64_t failed_before_us, std::uint32_t limit,
                                         Call& call) = 0;
  /// Done, not_found, lease_lost (it moved on) or wrong_state.
  virtual QueueOutcome timeOut(const std::string& id, std::uint64_t epoch, std::int64_t now_us,
                               const std::string& error_message, Call& call) = 0;

  virtual std::optional<QueuedTask> get(const std::string& id, Call& call) = 0;
  virtual TaskPage list(const TaskQuery& query, Call& call) = 0;
  virtual QueueCounts counts(Call& call) = 0;

  virtual void announce(const std::string& worker, const std::vector<InstanceState>& instances,
                        Call& call) = 0;
  virtual std::vector<InstanceState> instances(Call& call) = 0;

  virtual QueueChanges changes(std::uint64_t sequence, std::chrono::nanoseconds wait,
                               Call& call) = 0;
  /// Should write, and throw when it cannot: while nothing is submitted, a queue that refuses
  /// writes is seen by this alone.
  virtual Durability durability(Call& call) = 0;
};

namespace detail {

/// The functions of scanhost_queue over a Queue. `self` is a Queue*, as interfaceHead made it.
struct QueueThunks {
  static Queue& queue(void* self) noexcept { return *static_cast<Queue*>(self); }

  static void tell(const scanhost_task_sink* sink, const QueuedTask& task) {
    const scanhost_task abi = lend(task);
    throwUnlessOk(sink->task(sink->context, &abi));
  }
  static void answer(const TaskAnswer& answer, int32_t* outcome, const scanhost_task_sink* sink) {
    *outcome = static_cast<int32_t>(answer.outcome);
    if (answer.task) tell(sink, *answer.task);
  }

  static scanhost_status submit(void* self, const scanhost_call* call,
                                const scanhost_submission* submission, int32_t* outcome,
                                const scanhost_task_sink* sink) noexcept {
    return guarded(call, [&](Call& context) {
      answer(queue(self).submit(own(*submission), context), outcome, sink);
    });
  }
  static scanhost_status lease(void* self, const scanhost_call* call,
                               const scanhost_lease_request* request,
                               const scanhost_task_sink* sink) noexcept {
    return guarded(call, [&](Call& context) {
      for (const QueuedTask& task : queue(self).lease(own(*request), context)) tell(sink, task);
    });
  }
  static scanhost_status renew(void* self, const scanhost_call* call,
                               const scanhost_renewal* const* renewals, uint64_t count,
                               int64_t lease_ns, const scanhost_renewal_sink* sink) noexcept {
    return guarded(call, [&](Call& context) {
      std::vector<Renewal> owned;
      owned.reserve(static_cast<std::size_t>(count));
      for (uint64_t i = 0; i < count; ++i) owned.push_back(own(*renewals[i]));
      const std::vector<RenewalOutcome> outcomes =
          queue(self).renew(owned, std::chrono::nanoseconds(lease_ns), context);
      for (std::size_t i = 0; i < outcomes.size(); ++i)
        sink->renewed(sink->context, i, static_cast<int32_t>(outcomes[i].outcome),
                      outcomes[i].flags.bits(), outcomes[i].found_epoch);
    });
  }
  static scanhost_status advance(void* self, const scanhost_call* call, const scanhost_lease* lease,
                                 const scanhost_change* change, int32_t* outcome,
                                 const scanhost_task_sink* sink) noexcept {
    return guarded(call, [&](Call& context) {
      answer(queue(self).advance(own(*lease), own(*change), context), outcome, sink);
    });
  }
  static scanhost_status finish(void* self, const scanhost_call* call, const scanhost_lease* lease,
                                const scanhost_finish* finish, int32_t* outcome) noexcept {
    return guarded(call, [&](Call& context) {
      *outcome = static_cast<int32_t>(queue(self).finish(own(*lease), own(*finish), context));
    });
  }
  static scanhost_status release(void* self, const scanhost_call* call, const scanhost_lease* lease,
                                 const scanhost_release* release, int32_t* outcome) noexcept {
    return guarded(call, [&](Call& context) {
      *outcome = static_cast<int32_t>(queue(self).release(own(*lease), own(*release), context));
    });
  }
  static scanhost_status redrive(void* self, const scanhost_call* call, scanhost_text id,
                                 int32_t relaunch, int32_t* outcome,
                                 const scanhost_task_sink* sink) noexcept {
    return guarded(call, [&](Call& context) {
      answer(queue(self).redrive(toString(id), relaunch != 0, context), outcome, sink);
    });
  }
  static scanhost_status request(void* self, const scanhost_call* call, scanhost_text id,
                                 int32_t what, int64_t now_us, int32_t* outcome,
                                 const scanhost_task_sink* sink) noexcept {
    return guarded(call, [&](Call& context) {
      answer(queue(self).request(toString(id), toTaskRequest(what), now_us, context), outcome,
             sink);
    });
  }
  static scanhost_status remove(void* self, const scanhost_call* call, scanhost_text id,
                                int32_t* outcome) noexcept {
    return guarded(call, [&](Call& context) {
      *outcome = static_cast<int32_t>(queue(self).remove(toString(id), context));
    });
  }
  static scanhost_status expire(void* self, const scanhost_call* call, int64_t completed_before_us,
                                int64_t failed_before_us, uint32_t limit,
                                const scanhost_task_sink* sink) noexcept {
    return guarded(call, [&](Call& context) {
      for (const QueuedTask& task :
           queue(self).expire(completed_before_us, failed_before_us, limit, context))
        tell(sink, task);
    });
  }
  static scanhost_status timeOut(void* self, const scanhost_call* call, scanhost_text id,
                                 uint64_t epoch, int64_t now_us, scanhost_text error_message,
                                 int32_t* outcome) noexcept {
    return guarded(call, [&](Call& context) {
      *outcome = static_cast<int32_t>(
          queue(self).timeOut(toString(id), epoch, now_us, toString(error_message), context));
    });
  }
  static scanhost_status get(void* self, const scanhost_call* call, scanhost_text id,
                             const scanhost_task_sink* sink) noexcept {
    return guarded(call, [&](Call& context) {
      if (const auto task = queue(self).get(toString(id), context)) tell(sink, *task);
    });
  }
  static scanhost_status list(void* self, const scanhost_call* call,
                              const scanhost_task_query* query,
                              const scanhost_list_sink* sink) noexcept {
    return guarded(call, [&](Call& context) {
      const TaskPage page = queue(self).list(own(*query), context);
      for (const QueuedTask& task : page.tasks) {
        const scanhost_task abi = lend(task);
        throwUnlessOk(sink->task(sink->context, &abi));
      }
      sink->next(sink->context, toText(page.next));
      if (page.total) sink->counted(sink->context, *page.total);
    });
  }
  static scanhost_status counts(void* self, const scanhost_call* call,
                                const scanhost_counts_sink* sink) noexcept {
    return guarded(call, [&](Call& context) {
      const QueueCounts counts = queue(self).counts(context);
      for (const PoolCounts& pool : counts.pools) {
        const scanhost_queue_counts abi = lend(pool);
        sink->pool(sink->context, toText(pool.pool), &abi);
      }
      for (const InstanceLoad& load : counts.instances)
        sink->instance(sink->context, toText(load.pool), toText(load.instance), load.active);
    });
  }
  static scanhost_status announce(void* self, const scanhost_call* call, scanhost_text worker,
                                  const scanhost_instance_state* const* instances,
                                  uint64_t count) noexcept {
    return guarded(call, [&](Call& context) {
      std::vector<InstanceState> owned;
      owned.reserve(static_cast<std::size_t>(count));
      for (uint64_t i = 0; i < count; ++i) owned.push_back(own(toString(worker), *instances[i]));
      queue(self).announce(toString(worker), owned, context);
    });
  }
  static scanhost_status instances(void* self, const scanhost_call* call,
                                   const scanhost_instance_sink* sink) noexcept {
    return guarded(call, [&](Call& context) {
      for (const InstanceState& state : queue(self).instances(context)) {
        const scanhost_instance_state abi = lend(state);
        throwUnlessOk(sink->instance(sink->context, toText(state.worker), &abi));
      }
    });
  }
  static scanhost_status changes(void* self, const scanhost_call* call, uint64_t sequence,
                                 int64_t wait_ns, const scanhost_change_sink* sink) noexcept {
    return guarded(call, [&](Call& context) {
      const QueueChanges found =
          queue(self).changes(sequence, std::chrono::nanoseconds(wait_ns), context);
      if (found.gap) sink->gap(sink->context, *found.gap);
      for (const QueueChange& change : found.changes) {
        const scanhost_queue_change abi = lend(change);
        throwUnlessOk(sink->change(sink->context, &abi));
      }
    });
  }
  static scanhost_status durability(void* self, const scanhost_call* call,
                                    const scanhost_durability_sink* sink) noexcept {
    return guarded(call, [&](Call& context) {
      const Durability found = queue(self).durability(context);
      const scanhost_durability abi = lend(found);
      sink->durability(sink->context, &abi);
    });
  }

  static scanhost_queue table(const scanhost_interface& head) noexcept {
    scanhost_queue table{};
    table.base = head;
    table.submit = &submit;
    table.lease = &lease;
    table.renew = &renew;
    table.advance = &advance;
    table.finish = &finish;
    table.release = &release;
    table.redrive = &redrive;
    table.request = &request;
    table.remove = &remove;
    table.expire = &expire;
    table.time_out = &timeOut;
    table.get = &get;
    table.list = &list;
    table.counts = &counts;
    table.announce = &announce;
    table.instances = &instances;
    table.changes = &changes;
    table.durability = &durability;
    return table;
  }
};

}  // namespace detail

template <class Plugin>
const scanhost_interface* Queue::interfaceTable() noexcept {
  static const scanhost_queue table = detail::QueueThunks::table(
      detail::interfaceHead<Queue, Plugin>(sizeof(scanhost_queue), SCANHOST_QUEUE_REVISION));
  return &table.base;
}

}  // namespace v1
}  // namespace scanhost

#endif
