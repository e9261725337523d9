// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// What is recorded of which trace, and what a span passes on.
#include "host/telemetry/spans.h"

#include <gtest/gtest.h>

namespace scanhost {
namespace {

using namespace std::chrono_literals;

const scanhost_trace sampled =
    *parseTraceparent("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01");
const scanhost_trace unsampled =
    *parseTraceparent("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00");

class SpansTest : public testing::Test {
 protected:
  std::vector<std::shared_ptr<const SpanRecord>> ended() { return reader_->waitBatch(100, 0ms); }

  SpanLog log_;
  std::unique_ptr<RingReader<SpanRecord>> reader_ = log_.subscribe("test");
};

TEST_F(SpansTest, ASpanIsAChildOfItsParentAndPassesItselfOn) {
  scanhost_trace passed_on{};
  {
    Span span(&log_, SpanKind::client, "scanner.prepare", sampled);
    span.set("scanhost.plugin", "scanner-nessus");
    passed_on = span.trace();
  }
  const auto spans = ended();
  ASSERT_EQ(spans.size(), 1u);
  const SpanRecord& span = *spans[0];
  EXPECT_EQ(span.name, "scanner.prepare");
  EXPECT_EQ(traceIdOf(span.trace), traceIdOf(sampled));
  EXPECT_EQ(spanIdOf(withSpan(sampled, span.parent)), spanIdOf(sampled));
  EXPECT_EQ(spanIdOf(span.trace), spanIdOf(passed_on));
  EXPECT_NE(spanIdOf(passed_on), spanIdOf(sampled));
  EXPECT_LE(span.start.micros, span.end.micros);
  EXPECT_EQ(span.attributes["scanhost.plugin"].asString(), "scanner-nessus");
  EXPECT_FALSE(span.failed);
}

TEST_F(SpansTest, AFailureSaysWhy) {
  Span(&log_, SpanKind::client, "queue.submit", sampled).fail("the disk is full");
  const auto spans = ended();
  ASSERT_EQ(spans.size(), 1u);
  EXPECT_TRUE(spans[0]->failed);
  EXPECT_EQ(spans[0]->message, "the disk is full");
}

TEST_F(SpansTest, WhatTheCallerDoesNotSampleIsPassedOnUnrecorded) {
  {
    const Span span(&log_, SpanKind::server, "list_tasks", unsampled);
    EXPECT_EQ(traceparentOf(span.trace()), traceparentOf(unsampled));
  }
  EXPECT_TRUE(ended().empty());
}

TEST_F(SpansTest, WhileNobodyReadsNothingIsRecorded) {
  reader_.reset();
  Span span(&log_, SpanKind::server, "run_untrusted_scan", sampled);
  EXPECT_FALSE(span.recorded());
  EXPECT_EQ(traceparentOf(span.trace()), traceparentOf(sampled));
}

TEST_F(SpansTest, WithoutACallersSpanOnlyChangesAreSampled) {
  const TraceContext bare = TraceContext::random();
  EXPECT_TRUE(log_.records(log_.admit(bare, true).abi()));
  EXPECT_FALSE(log_.records(log_.admit(bare, false).abi()));
}

TEST_F(SpansTest, SamplingIsSettable) {
  log_.setSampling(TraceSampling::always);
  EXPECT_TRUE(log_.records(log_.admit(TraceContext::fromAbi(unsampled), false).abi()));
  log_.setSampling(TraceSampling::never);
  EXPECT_FALSE(log_.records(log_.admit(TraceContext::fromAbi(sampled), true).abi()));
  EXPECT_FALSE(log_.records(sampled));
}

TEST_F(SpansTest, OversizedTextsAreCut) {
  {
    Span span(&log_, SpanKind::client, "scanner.find", sampled);
    span.set("big", std::string(100'000, 'x'));
    span.fail(std::string(100'000, 'y'));
  }
  const auto spans = ended();
  ASSERT_EQ(spans.size(), 1u);
  EXPECT_EQ(spans[0]->message.size(), SpanLog::max_message_bytes);
  EXPECT_TRUE(spans[0]->attributes.has("scanhost.oversized_attributes_bytes"));
}

TEST_F(SpansTest, WhatAReaderLosesIsCountedWhileItIsStuck) {
  std::uint64_t lost = 0;
  SpanLog small({.max_spans = 2, .on_dropped = [&](const RingLoss& loss) {
                   EXPECT_EQ(loss.reader, "slow");
                   lost += loss.count;
                 }});
  const auto slow = small.subscribe("slow");
  for (int i = 0; i < 5; ++i) Span(&small, SpanKind::internal, "scan.wait", sampled);
  small.countLosses();
  EXPECT_EQ(lost, 3u);
  EXPECT_EQ(slow->waitBatch(100, 0ms).size(), 2u);
  small.countLosses();
  EXPECT_EQ(lost, 3u);
}

TEST(SpanIds, DerivedOnesAgreeBetweenNodesAndDifferByName) {
  EXPECT_EQ(derivedSpanId("task", 3), derivedSpanId("task", 3));
  EXPECT_NE(derivedSpanId("task", 3), derivedSpanId("task", 4));
  EXPECT_NE(derivedSpanId("task", 3), derivedSpanId("other", 3));
}

}  // namespace
}  // namespace scanhost
