// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// Spans in the JSON encoding of OTLP.
#include "plugins/exporter/otlp/trace_request.h"

#include <gtest/gtest.h>
#include <scanhost/trace.h>

namespace scanhost::otlp {
namespace {

constexpr std::size_t plenty = 1u << 20;
const std::vector<std::pair<std::string, std::string>> resource = {{"service.name", "scanhost"}};

scanhost_span sample(scanhost_text attributes = {}) {
  scanhost_span span{};
  span.struct_size = sizeof span;
  span.kind = SCANHOST_SPAN_CLIENT;
  span.trace = *parseTraceparent("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01");
  span.parent_id[7] = 9;
  span.start_us = 1'764'600'000'123'456;
  span.end_us = 1'764'600'000'623'456;
  span.name = toText("scanner.prepare");
  span.attributes = attributes;
  return span;
}

/// The spans of a request that has one resource and one scope.
Json spansOf(const std::string& request) {
  const Json body = Json::parse(request);
  return body["resourceSpans"].items().at(0)["scopeSpans"].items().at(0)["spans"];
}

Json written(const scanhost_span& span) {
  const scanhost_span* pointer = &span;
  std::size_t begin = 0;
  return spansOf(traceRequest(resource, {&pointer, 1}, begin, plenty)).items().at(0);
}

TEST(TraceRequest, WritesIdsInHexadecimalTimesAsTextsAndKindsAsNumbers) {
  const Json span = written(sample());
  EXPECT_EQ(span["traceId"].asString(), "0af7651916cd43dd8448eb211c80319c");
  EXPECT_EQ(span["spanId"].asString(), "b7ad6b7169203331");
  EXPECT_EQ(span["parentSpanId"].asString(), "0000000000000009");
  EXPECT_EQ(span["startTimeUnixNano"].asString(), "1764600000123456000");
  EXPECT_EQ(span["endTimeUnixNano"].asString(), "1764600000623456000");
  EXPECT_EQ(span["kind"].asInteger(), 3);
  EXPECT_EQ(span["flags"].asInteger(), 1);
  EXPECT_EQ(span["name"].asString(), "scanner.prepare");
  EXPECT_FALSE(span.has("status"));
}

TEST(TraceRequest, LeavesOutTheParentOfTheFirstSpan) {
  scanhost_span span = sample();
  span.parent_id[7] = 0;
  EXPECT_FALSE(written(span).has("parentSpanId"));
}

TEST(TraceRequest, AFailureIsAnErrorWithItsMessage) {
  scanhost_span span = sample();
  span.failed = 1;
  span.message = toText("the scanner \"said\" no");
  const Json status = written(span)["status"];
  EXPECT_EQ(status["code"].asInteger(), 2);
  EXPECT_EQ(status["message"].asString(), "the scanner \"said\" no");
}

TEST(TraceRequest, AttributesKeepTheirTypes) {
  const Json attributes = written(sample(toText(
      R"({"text":"a","yes":true,"many":9007199254740993,"half":0.5,"none":null})")))["attributes"];
  ASSERT_EQ(attributes.items().size(), 4u);
  EXPECT_EQ(attributes.items()[0]["value"]["stringValue"].asString(), "a");
  EXPECT_EQ(attributes.items()[1]["value"]["boolValue"].asBool(), true);
  EXPECT_EQ(attributes.items()[2]["value"]["intValue"].asString(), "9007199254740993");
  EXPECT_EQ(attributes.items()[3]["value"]["doubleValue"].asNumber(), 0.5);
}

TEST(TraceRequest, AttributesThatAreNoObjectAreLeftOut) {
  EXPECT_FALSE(written(sample(toText("[1,2]"))).has("attributes"));
  EXPECT_FALSE(written(sample(toText("{broken"))).has("attributes"));
}

TEST(TraceRequest, NamesTheResource) {
  const scanhost_span span = sample();
  const scanhost_span* pointer = &span;
  std::size_t begin = 0;
  const Json body =
      Json::parse(traceRequest({{"service.name", "scanhost"}, {"service.instance.id", "one"}},
                               {&pointer, 1}, begin, plenty));
  const Json about = body["resourceSpans"].items().at(0)["resource"]["attributes"];
  EXPECT_EQ(about.items().at(0)["key"].asString(), "service.name");
  EXPECT_EQ(about.items().at(1)["value"]["stringValue"].asString(), "one");
}

TEST(TraceRequest, SplitsABatchThatIsTooLarge) {
  const std::string filler = R"({"text":")" + std::string(400, 'x') + R"("})";
  std::vector<scanhost_span> spans(10, sample(toText(filler)));
  std::vector<const scanhost_span*> pointers;
  for (const scanhost_span& span : spans) pointers.push_back(&span);
  const SpanBatch batch(pointers.data(), pointers.size());

  std::size_t begin = 0, told = 0, requests = 0;
  while (begin < batch.size()) {
    const std::string request = traceRequest(resource, batch, begin, 2000);
    EXPECT_LE(request.size(), 2000u);
    told += spansOf(request).items().size();
    ++requests;
  }
  EXPECT_EQ(told, spans.size());
  EXPECT_GT(requests, 2u);
}

TEST(TraceRequest, ASpanLargerThanARequestGoesAlone) {
  const std::string filler = R"({"text":")" + std::string(4000, 'x') + R"("})";
  const scanhost_span span = sample(toText(filler));
  const scanhost_span* pointer = &span;
  std::size_t begin = 0;
  EXPECT_EQ(spansOf(traceRequest(resource, {&pointer, 1}, begin, 100)).items().size(), 1u);
  EXPECT_EQ(begin, 1u);
}

}  // namespace
}  // namespace scanhost::otlp
