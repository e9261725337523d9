// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// A node's way to the queue: what the QueueClient calls is done by the QueueServer, over a Wire.
#pragma once

#include <scanhost/queue.h>

#include <tuple>

#include "tests/simulation/queue_server.h"
#include "tests/simulation/wire.h"

namespace scanhost::simulation {

class QueuePort : public Queue {
 private:
  static constexpr Nanos timeout = std::chrono::seconds(10);

  template <class Function, class... Arguments>
  auto ask(Function function, const Arguments&... arguments) {
    try {
      return wire_.call(
          way_, timeout, [&server = server_, function, kept = std::tuple(arguments...)]() mutable {
            return std::apply([&](auto&... each) { return (server.*function)(each...); }, kept);
          });
    } catch (const Refused&) {
      throw PluginError(ErrorClass::transient, "the queue cannot be reached",
                        ErrorSubject::backend);
    } catch (const Unanswered&) {
      throw PluginError(ErrorClass::transient, "the queue did not answer", ErrorSubject::backend);
    }
  }

  QueueServer& server_;
  const Way& way_;
  Wire& wire_;

 public:
  using Server = QueueServer;

  QueuePort(QueueServer& server, const Way& way, Wire& wire)
      : server_(server), way_(way), wire_(wire) {}

  TaskAnswer submit(const Submission& submission, Call&) override {
    return ask(&QueueServer::submit, submission);
  }
  std::vector<QueuedTask> lease(const LeaseRequest& request, Call&) override {
    return ask(&QueueServer::lease, request);
  }
  std::vector<RenewalOutcome> renew(const std::vector<Renewal>& renewals, Nanos lease,
                                    Call&) override {
    return ask(&QueueServer::renew, renewals, lease);
  }
  TaskAnswer advance(const Lease& lease, const Change& change, Call&) override {
    return ask(&QueueServer::advance, lease, change);
  }
  QueueOutcome finish(const Lease& lease, const Finish& finish, Call&) override {
    return ask(&QueueServer::finish, lease, finish);
  }
  QueueOutcome release(const Lease& lease, const Release& release, Call&) override {
    return ask(&QueueServer::release, lease, release);
  }
  TaskAnswer redrive(const std::string& id, bool relaunch, Call&) override {
    return ask(&QueueServer::redrive, id, relaunch);
  }
  TaskAnswer request(const std::string& id, TaskRequest what, std::int64_t now_us, Call&) override {
    return ask(&QueueServer::request, id, what, now_us);
  }
  QueueOutcome remove(const std::string& id, Call&) override {
    return ask(&QueueServer::remove, id);
  }
  QueueOutcome timeOut(const std::string& id, std::uint64_t epoch, std::int64_t now_us,
                       const std::string& error_message, Call&) override {
    return ask(&QueueServer::timeOut, id, epoch, now_us, error_message);
  }
  /// No node of a run expires tasks.
  std::vector<QueuedTask> expire(std::int64_t, std::int64_t, std::uint32_t, Call&) override {
    return {};
  }
  std::optional<QueuedTask> get(const std::string& id, Call&) override {
    return ask(&QueueServer::get, id);
  }
  TaskPage list(const TaskQuery& query, Call&) override { return ask(&QueueServer::list, query); }
  QueueCounts counts(Call&) override { return ask(&QueueServer::counts); }
  void announce(const std::string&, const std::vector<InstanceState>& instances, Call&) override {
    ask(&QueueServer::announce, instances);
  }
  std::vector<InstanceState> instances(Call&) override { return ask(&QueueServer::instances); }
  /// Nodes are woken by the run instead.
  QueueChanges changes(std::uint64_t, Nanos, Call&) override { return {}; }
  Durability durability(Call&) override { return {}; }
};

}  // namespace scanhost::simulation
