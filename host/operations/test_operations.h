// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// The operations over a real queue and result store and scripted scanners, called as a transport
/// calls them.
#pragma once

#include <future>

#include "host/operations/service.h"
#include "host/tasks/test_dispatcher.h"

namespace scanhost {

class OperationsTest : public DispatcherTest {
 protected:
  /// What `caller` gets; `code` of its error, or "unknown" where it has no such operation.
  Json call(const std::string& name, const Json& arguments, const Caller& caller) {
    if (!operations_) offer();
    const OperationContext context{caller, TraceContext::random()};
    std::promise<Json> answer;
    if (!operations_->invoke(name, arguments, context, [&answer](OperationOutcome outcome) {
          answer.set_value(std::move(outcome.structured));
        }))
      return Json::object({{"code", "unknown"}});
    tellWorkers(arguments["task_id"].asString());
    return answer.get_future().get();
  }
  Json callOn(const std::string& name, const std::string& task,
              const Caller& caller = operator_caller) {
    return call(name, Json::object({{"task_id", task}}), caller);
  }

  /// A task that failed in its only attempt and was never looked at by a dispatcher.
  std::string failedTask(const std::string& pool, ErrorClass error_class, bool dead_letter = true) {
    const std::string id = submit(pool);
    LeaseRequest wanted;
    wanted.worker = "test";
    wanted.lease = std::chrono::seconds(60);
    wanted.now_us = Timestamp::now().micros;
    wanted.instances = {{pool, "one", 10'000}};
    const auto leased = queue->lease(wanted, {.timeout = patience});
    if (!leased || leased->size() != 1 || leased->front().id != id) {
      ADD_FAILURE() << "another task waits: " << (leased ? "" : leased.error().message);
      return id;
    }
    Finish finish;
    finish.state = TaskState::failed;
    finish.error_class = error_class;
    finish.dead_letter = dead_letter;
    finish.completed_us = Timestamp::now().micros;
    finish.error_message = "it went wrong";
    EXPECT_EQ(queue->finish(leased->front().lease(), finish, {.timeout = patience}),
              QueueOutcome::done);
    return id;
  }

  Operations& operations() {
    if (!operations_) offer();
    return *operations_;
  }
  const Service& service() {
    if (!operations_) offer();
    return *service_;
  }

  static inline const Caller operator_caller{"olga", {Role::operator_}, {}};
  static inline const Caller owner{"alice", {Role::client}, {}};
  static inline const Caller stranger{"mallory", {Role::client}, {}};
  static inline const Caller viewer{"victor", {Role::viewer}, {}};

  const Exports& exports() const { return exports_; }

 private:
  void offer() {
    reports_.emplace(config.node, *queue);
    durability_.emplace(*queue, "queue-sqlite", eventLog(), DurabilityWatch::Options{});
    accepting_.emplace(*queue, *durability_, nullptr, eventLog());
    service_.emplace(
        Service{work(), keys(), *reports_, {}, *accepting_, {}, &waits_, &export_service_});
    operations_.emplace(eventLog(), metrics);
    if (work().ledger)
      operations_->auditBy([this](AuditEntry entry) { work().ledger->append(std::move(entry)); });
    addServiceOperations(*operations_, *service_);
  }

  StatusWaits waits_{
      {.look_every = std::chrono::milliseconds(50), .tick = std::chrono::milliseconds(20)}};
  Exports exports_{folder() / "exports", keys(), clock};
  ExportService export_service_{
      exports_, [](std::string_view link) { return "/exports/" + std::string(link); }};
  std::optional<InstanceReports> reports_;
  std::optional<DurabilityWatch> durability_;
  std::optional<Accepting> accepting_;
  std::optional<Service> service_;
  std::optional<Operations> operations_;
};

}  // namespace scanhost
