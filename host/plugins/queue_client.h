// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// A queue plugin's instance as the host calls it: values in, Result out.
///
///     QueueClient queue("queue-sqlite", table, self, observer);
///     Result<TaskAnswer> answer = queue.submit(submission, {.timeout = 5s});
///     if (answer && answer->outcome == QueueOutcome::created) ...
///
/// Borrows the instance, which its owner has created and started and which outlives this, unless it
/// is given along. A reload may move it to another instance: calls under way end where they began,
/// and the last of them lets the old one go. Safe from any thread. An error means that the store
/// failed; lost leases and wrong states are outcomes. An answer that breaks the contract (a short
/// record, an unknown state, more tasks than asked for) is an internal error.
#pragma once

#include <scanhost/queue_records.h>

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "host/abi/host_call.h"
#include "host/base/live.h"
#include "host/base/result.h"
#include "host/plugins/store_call.h"

namespace scanhost {

class QueueClient {
 public:
  /// `plugin` is the plugin's name, for messages; `events`, of its instance, takes what it logs.
  QueueClient(std::string plugin, const scanhost_interface* table, void* self,
              CallObserver observer = {}, const PluginEventSink* events = nullptr,
              std::shared_ptr<const void> owner = {});

  /// From now on calls go to another instance of the same plugin, over the same store.
  void moveTo(const scanhost_interface* table, void* self, std::shared_ptr<const void> owner);

  static std::string_view interfaceId() { return SCANHOST_QUEUE_ID; }

  Result<TaskAnswer> submit(const Submission& submission, CallOptions options) const;
  Result<std::vector<QueuedTask>> lease(const LeaseRequest& request, CallOptions options) const;
  /// One outcome for each renewal, in their order.
  Result<std::vector<RenewalOutcome>> renew(std::span<const Renewal> renewals,
                                            std::chrono::nanoseconds lease,
                                            CallOptions options) const;
  Result<TaskAnswer> advance(const Lease& lease, const Change& change, CallOptions options) const;
  Result<QueueOutcome> finish(const Lease& lease, const Finish& finish, CallOptions options) const;
  Result<QueueOutcome> release(const Lease& lease, const Release& release,
                               CallOptions options) const;

  Result<TaskAnswer> redrive(std::string_view id, bool relaunch, CallOptions options) const;
  Result<TaskAnswer> request(std::string_view id, TaskRequest what, std::int64_t now_us,
                             CallOptions options) const;
  Result<QueueOutcome> remove(std::string_view id, CallOptions options) const;
  /// The removed tasks, as they were.
  Result<std::vector<QueuedTask>> expire(std::int64_t completed_before_us,
                                         std::int64_t failed_before_us, std::uint32_t limit,
                                         CallOptions options) const;
  Result<QueueOutcome> timeOut(std::string_view id, std::uint64_t epoch, std::int64_t now_us,
                               std::string_view error_message, CallOptions options) const;

  Result<std::optional<QueuedTask>> get(std::string_view id, CallOptions options) const;
  Result<TaskPage> list(const TaskQuery& query, CallOptions options) const;
  Result<QueueCounts> counts(CallOptions options) const;

  Status announce(std::string_view worker, std::span<const InstanceState> instances,
                  CallOptions options) const;
  Result<std::vector<InstanceState>> instances(CallOptions options) const;

  /// Waits up to `wait`; the call's timeout must be longer.
  Result<QueueChanges> changes(std::uint64_t sequence, std::chrono::nanoseconds wait,
                               CallOptions options) const;
  Result<Durability> durability(CallOptions options) const;

 private:
  template <class Invoke>
  Result<TaskAnswer> answer(std::string_view operation, CallOptions options, Invoke&& invoke) const;
  template <class Invoke>
  Result<QueueOutcome> outcome(std::string_view operation, CallOptions options,
                               Invoke&& invoke) const;
  template <class Invoke>
  Result<std::vector<QueuedTask>> tasks(std::string_view operation, std::size_t most,
                                        CallOptions options, Invoke&& invoke) const;

  struct Backend {
    const scanhost_queue* table;
    void* self;
    std::shared_ptr<const void> owner;
  };
  static std::shared_ptr<const Backend> makeBackend(const scanhost_interface* table, void* self,
                                                    std::shared_ptr<const void> owner);

  StoreCalls calls_;
  Live<Backend> backend_;
};

}  // namespace scanhost
