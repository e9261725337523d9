// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "host/operations/operations.h"

#include <gmock/gmock.h>

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
    if (event->event == "operation_failed") logged += event->fields.dump();
  EXPECT_THAT(logged, testing::HasSubstr("the record of t1 is damaged"));
}

}  // namespace
}  // namespace scanhost
