// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "host/abi/host_call.h"

#include <gtest/gtest.h>
#include <poll.h>
#include <scanhost/call.h>

namespace scanhost {
namespace {

bool readable(int fd) {
  pollfd entry{fd, POLLIN, 0};
  return poll(&entry, 1, 0) == 1;
}

TEST(HostCall, ReportsTheErrorThatThePluginLeft) {
  HostCall call;

  const scanhost_status status = detail::guarded(call.abi(), [](Call&) {
    throw PluginError(ErrorClass::busy, "scanner is full", ErrorSubject::backend,
                      std::chrono::seconds(5));
  });
  const Status outcome = call.outcome(status);

  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().error_class, ErrorClass::busy);
  EXPECT_EQ(outcome.error().subject, ErrorSubject::backend);
  EXPECT_EQ(outcome.error().message, "scanner is full");
  EXPECT_EQ(outcome.error().retry_after, std::chrono::seconds(5));
}

TEST(HostCall, ReadsAnUnknownClassAsInternal) {
  HostCall call;
  const scanhost_error error{sizeof(scanhost_error), 99, 0, 0, 0, toText("from the future")};

  const Status outcome = call.outcome(call.abi()->fail(call.abi(), &error));

  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().error_class, ErrorClass::internal);
  EXPECT_EQ(outcome.error().message, "from the future");
}

TEST(HostCall, NamesTheFunctionThatFailedInSilence) {
  HostCall call;
  const Status outcome = call.outcome(SCANHOST_ERROR_TRANSIENT, "queue-x: submit");
  ASSERT_FALSE(outcome);
  EXPECT_NE(outcome.error().message.find("queue-x: submit"), std::string::npos);
}

TEST(HostCall, IsCancelledByItsSourceAndTheDescriptorBecomesReadable) {
  const auto source = std::make_shared<CancelSource>();
  HostCall call({.cancel = source});
  const Call plugin_side(call.abi());
  EXPECT_FALSE(plugin_side.cancelled());
  EXPECT_FALSE(readable(plugin_side.cancelFd()));

  source->cancel();

  EXPECT_TRUE(plugin_side.cancelled());
  EXPECT_TRUE(readable(plugin_side.cancelFd()));
}

TEST(HostCall, IsCancelledWhenItsDeadlineHasPassed) {
  HostCall call({.timeout = std::chrono::nanoseconds(0)});
  EXPECT_TRUE(Call(call.abi()).cancelled());
}

TEST(HostCall, AnExceptionOfAnyTypeStopsAtTheBoundary) {
  HostCall call;
  const scanhost_status status = detail::guarded(call.abi(), [](Call&) { throw 42; });
  EXPECT_EQ(status, SCANHOST_ERROR_INTERNAL);
}

TEST(HostCall, PassesEventsWithTheCallsTrace) {
  std::string seen;
  const PluginEventSink sink = [&](int level, std::string_view event, std::string_view fields,
                                   const scanhost_trace& trace) {
    seen = std::to_string(level) + " " + std::string(event) + " " + std::string(fields) + " " +
           std::to_string(trace.trace_id[0]);
  };
  scanhost_trace trace{};
  trace.trace_id[0] = 7;
  HostCall call({.trace = trace, .events = &sink});

  Call(call.abi()).log(LogLevel::warning, "scan_slow", Json::object({{"hosts", 3}}));

  EXPECT_EQ(seen, "2 scan_slow {\"hosts\":3} 7");
}

}  // namespace
}  // namespace scanhost
