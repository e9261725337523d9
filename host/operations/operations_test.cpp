// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "host/operations/operations.h"

#include <gmock/gmock.h>
#include <scanhost/abi/operations.h>

namespace scanhost {
namespace {

using namespace std::chrono_literals;

TEST(Operations, WhatABackendSaidIsInTheLogAndNotInTheAnswer) {
  EventLog log({.level = Level::debug, .on_dropped = {}, .fallback_fd = -1});
  const auto subscription = log.subscribe("test");
  Metrics metrics;
  Operations operations(log, metrics);
  Operation failing;
  failing.name = "failing";
  failing.run = [](const Json&, const OperationContext&) -> OperationResult {
    return tl::unexpected<ServiceError>(
        ServiceError::fromBackend({ErrorClass::internal, "the record of t1 is damaged"}));
  };
  operations.add(failing);

  const Caller alice{"alice", {Role::client}, {}};
  Json told;
  ASSERT_TRUE(operations.invoke("failing", Json::object(), {alice, TraceContext::random()},
                                [&](OperationOutcome outcome) {
                                  EXPECT_TRUE(outcome.is_error);
                                  told = std::move(outcome.structured);
                                }));
  EXPECT_THAT(told.dump(), testing::Not(testing::HasSubstr("damaged")));
  std::string logged;
  for (const EventPtr& event : subscription->waitBatch(100, 0ms))
    if (event->event == "operation_failed") logged += event->line();
  EXPECT_THAT(logged, testing::HasSubstr("the record of t1 is damaged"));
}

TEST(Operations, ALongArgumentIsCutInTheLogAndHidesNothingOfItsCall) {
  EventLog log({.level = Level::debug, .on_dropped = {}, .fallback_fd = -1});
  const auto subscription = log.subscribe("test");
  Metrics metrics;
  Operations operations(log, metrics);
  Operation refusing;
  refusing.name = "cancel_scan";
  refusing.logged_arguments = {"reason", "task_id"};
  refusing.run = [](const Json&, const OperationContext&) -> OperationResult {
    return tl::unexpected<ServiceError>(ServiceError::conflict("too long"));
  };
  operations.add(refusing);

  operations.invoke(
      "cancel_scan", Json::object({{"reason", std::string(70'000, 'x')}, {"task_id", "t1"}}),
      {Caller{"alice", {Role::client}, {}}, TraceContext::random()}, [](OperationOutcome) {});
  const EventPtr told = subscription->waitBatch(1, 0ms).at(0);
  EXPECT_EQ(told->event, "tool_invocation");
  EXPECT_EQ(Json::parse(told->line())["tool"], "cancel_scan");
  EXPECT_EQ(Json::parse(told->line())["caller"], "alice");
  EXPECT_EQ(Json::parse(told->line())["task_id"], "t1");
  EXPECT_THAT(Json::parse(told->line())["reason"].asString(),
              testing::EndsWith("x... (70000 bytes)"));
  EXPECT_LT(told->line().size(), 2048u);
}

TEST(Operations, OnlyWhatTheServiceIsToBlameForIsAFailureOfIts) {
  EventLog log({.level = Level::debug, .on_dropped = {}, .fallback_fd = -1});
  Metrics metrics;
  metrics.declareTools({"refusing", "failing"});
  Operations operations(log, metrics);
  for (const auto& [name, error] :
       {std::pair("refusing", ServiceError::queueFull("p")),
        std::pair("failing", ServiceError::unavailable("the queue is away"))}) {
    Operation operation;
    operation.name = name;
    operation.run = [error = error](const Json&, const OperationContext&) -> OperationResult {
      return tl::unexpected<ServiceError>(error);
    };
    operations.add(operation);
    operations.invoke(name, Json::object(),
                      {Caller{"a", {Role::client}, {}}, TraceContext::random()},
                      [](OperationOutcome outcome) { EXPECT_TRUE(outcome.is_error); });
  }

  std::vector<std::string> failures;
  for (const MetricFamily& family : metrics.snapshot())
    if (family.name == "scanhost_tool_failures_total")
      for (const MetricSample& sample : family.metrics)
        if (sample.value != 0)
          for (const auto& [label, value] : sample.labels) failures.push_back(value);
  EXPECT_THAT(failures, testing::UnorderedElementsAre("failing", "unavailable"));
}

TEST(Operations, ARoleDecidesWhatIsKnownAndWhatIsChanged) {
  EventLog log({.level = Level::debug, .on_dropped = {}, .fallback_fd = -1});
  Metrics metrics;
  Operations operations(log, metrics);
  for (const auto& [name, flags] :
       {std::pair("look", SCANHOST_OPERATION_READ_ONLY), std::pair("change", 0u)}) {
    Operation operation;
    operation.name = name;
    operation.flags = flags;
    operation.run = [](const Json&, const OperationContext&) -> OperationResult {
      return OperationAnswer{Json::object({{"code", "done"}})};
    };
    operations.add(operation);
  }
  const auto outcome = [&](const char* name, Role role) {
    std::string code = "unknown";
    operations.invoke(name, Json::object(), {Caller{"a", {role}, {}}, TraceContext::random()},
                      [&](OperationOutcome told) { code = told.structured["code"].asString(); });
    return code;
  };
  for (const Role role : {Role::viewer, Role::client, Role::operator_})
    EXPECT_EQ(outcome("look", role), "done") << roleName(role);
  for (const Role role : {Role::client, Role::operator_})
    EXPECT_EQ(outcome("change", role), "done") << roleName(role);
  EXPECT_EQ(outcome("change", Role::viewer), "forbidden");
  EXPECT_EQ(outcome("look", Role::metrics), "unknown");
  EXPECT_EQ(outcome("change", Role::metrics), "unknown");
  EXPECT_TRUE(operations.list(Caller{"a", {Role::metrics}, {}}).empty());
}

}  // namespace
}  // namespace scanhost
