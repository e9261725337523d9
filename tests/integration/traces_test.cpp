// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// Traces as a collector gets them: what a caller begins goes on through the queue, over the death
/// of a worker, into the scanner and to the end.
#include <Poco/Net/HTTPClientSession.h>
#include <Poco/Net/HTTPRequest.h>
#include <Poco/Net/HTTPResponse.h>
#include <Poco/StreamCopier.h>
#include <gmock/gmock.h>

#include <algorithm>
#include <map>
#include <thread>

#include "tests/integration/service.h"
#include "tests/support/post_receiver.h"
#include "tests/support/redis_server.h"

namespace scanhost::integration {
namespace {

using testing::Contains;
using testing::IsSupersetOf;
using testing::SizeIs;
using testing_support::NessusSimulator;
using testing_support::PostReceiver;
using testing_support::RedisServer;
using namespace std::chrono_literals;

constexpr const char* trace_id = "0af7651916cd43dd8448eb211c80319c";
constexpr const char* caller_span = "b7ad6b7169203331";

std::string traceparent(bool sampled = true) {
  return std::string("00-") + trace_id + "-" + caller_span + (sampled ? "-01" : "-00");
}

/// All spans that came, in order of arrival.
std::vector<Json> spansAt(const PostReceiver& collector) {
  std::vector<Json> spans;
  for (const auto& post : collector.received()) {
    const Json body = Json::parse(post.body);
    for (const Json& resource : body["resourceSpans"].items())
      for (const Json& scope : resource["scopeSpans"].items())
        for (const Json& span : scope["spans"].items()) spans.push_back(span);
  }
  return spans;
}

std::vector<Json> named(const std::vector<Json>& spans, const std::string& name) {
  std::vector<Json> found;
  std::copy_if(spans.begin(), spans.end(), std::back_inserter(found),
               [&](const Json& span) { return span["name"].asString() == name; });
  return found;
}

Json attribute(const Json& span, const std::string& name) {
  for (const Json& one : span["attributes"].items())
    if (one["key"].asString() == name) return one["value"].members().at(0).second;
  return {};
}

/// Until a span of that name came whose attribute has that value.
std::vector<Json> waitForSpan(const PostReceiver& collector, const std::string& name,
                              const std::string& key = {}, const std::string& value = {}) {
  for (int i = 0; i < 400; ++i) {
    std::vector<Json> spans = spansAt(collector);
    for (const Json& span : named(spans, name))
      if (key.empty() || attribute(span, key).asString() == value) return spans;
    std::this_thread::sleep_for(25ms);
  }
  return spansAt(collector);
}

std::string exporter(const PostReceiver& collector) {
  return "  - {plugin: exporter-otlp, config: {url: \"" + collector.url() + "\"}}\n";
}

/// Calls a tool without a client library, whose trace the caller says by a header or in `_meta`.
Json callTool(const Service& service, const std::string& tool, const std::string& arguments,
              const std::string& header, const std::string& meta = {}) {
  Poco::Net::HTTPClientSession session("127.0.0.1", service.port());
  Poco::Net::HTTPRequest request("POST", "/mcp", Poco::Net::HTTPMessage::HTTP_1_1);
  request.set("Accept", "application/json, text/event-stream");
  request.set("MCP-Protocol-Version", "2026-07-28");
  request.set("Mcp-Method", "tools/call");
  request.set("Mcp-Name", tool);
  if (!header.empty()) request.set("traceparent", header);
  Json body = Json::parse(
      R"({"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientCapabilities":{}}}})");
  body["params"]["name"] = tool;
  body["params"]["arguments"] = Json::parse(arguments);
  if (!meta.empty()) body["params"]["_meta"]["traceparent"] = meta;
  const std::string text = body.dump();
  request.setContentType("application/json");
  request.setContentLength(static_cast<std::streamsize>(text.size()));
  session.sendRequest(request) << text;
  Poco::Net::HTTPResponse response;
  std::string answer;
  Poco::StreamCopier::copyToString(session.receiveResponse(response), answer);
  return Json::parse(answer)["result"]["structuredContent"];
}

std::string openMetrics(const Service& service) {
  Poco::Net::HTTPClientSession session("127.0.0.1", service.port());
  Poco::Net::HTTPRequest request("GET", "/metrics", Poco::Net::HTTPMessage::HTTP_1_1);
  request.set("Accept", "application/openmetrics-text; version=1.0.0");
  session.sendRequest(request);
  Poco::Net::HTTPResponse response;
  std::string body;
  Poco::StreamCopier::copyToString(session.receiveResponse(response), body);
  return body;
}

constexpr const char* submission = R"({"targets":"10.0.0.1","name":"LAN"})";

TEST(Traces, ACallersTraceGoesThroughTheScanToItsEnd) {
  const PostReceiver collector;
  NessusSimulator nessus(built("bin/nessus-simulator"), {"--scan-seconds", "1", "--seed", "7"});
  Service service({.scanners = nessusScanner(nessus), .exporters = exporter(collector)});
  const Json answer = callTool(service, "run_untrusted_scan", submission, traceparent());
  EXPECT_EQ(answer["trace_id"].asString(), "0af76519-16cd-43dd-8448-eb211c80319c");

  const auto spans = waitForSpan(collector, "scan.attempt");
  std::map<std::string, std::string> names;  // by id
  for (const Json& span : spans) {
    EXPECT_EQ(span["traceId"].asString(), trace_id) << span.dump();
    names[span["spanId"].asString()] = span["name"].asString();
  }
  ASSERT_THAT(named(spans, "run_untrusted_scan"), SizeIs(1));
  const Json call = named(spans, "run_untrusted_scan")[0];
  EXPECT_EQ(call["parentSpanId"].asString(), caller_span);
  EXPECT_EQ(call["kind"].asInteger(), 2);
  for (const char* part : {"scan.wait", "scan.attempt", "queue.submit"}) {
    ASSERT_THAT(named(spans, part), SizeIs(1)) << part;
    EXPECT_EQ(named(spans, part)[0]["parentSpanId"], call["spanId"]) << part;
  }
  EXPECT_THAT(openMetrics(service),
              testing::HasSubstr(std::string("# {trace_id=\"") + trace_id + "\"}"));
  const Json attempt = named(spans, "scan.attempt")[0];
  EXPECT_EQ(attribute(attempt, "scanhost.task_id"), answer["task_id"]);
  EXPECT_EQ(attribute(attempt, "scanhost.status").asString(), "completed");
  for (const char* part : {"scanner.prepare", "scanner.start", "scanner.collect", "queue.advance",
                           "queue.finish", "results.seal"}) {
    ASSERT_FALSE(named(spans, part).empty()) << part;
    for (const Json& span : named(spans, part))
      EXPECT_EQ(span["parentSpanId"], attempt["spanId"]) << span.dump();
  }
}

TEST(Traces, ATraceparentInMetaIsTakenWhereThereIsNoHeader) {
  const PostReceiver collector;
  NessusSimulator nessus(built("bin/nessus-simulator"), {"--scan-seconds", "60"});
  Service service({.scanners = nessusScanner(nessus), .exporters = exporter(collector)});
  callTool(service, "list_pools", "{}", "", traceparent());
  const auto spans = waitForSpan(collector, "list_pools");
  ASSERT_THAT(named(spans, "list_pools"), SizeIs(1));
  EXPECT_EQ(named(spans, "list_pools")[0]["traceId"].asString(), trace_id);
}

TEST(Traces, WhatACallerDoesNotSampleIsNotExportedAndReadsAreNotWithoutACaller) {
  const PostReceiver collector;
  NessusSimulator nessus(built("bin/nessus-simulator"), {"--scan-seconds", "60"});
  Service service({.scanners = nessusScanner(nessus), .exporters = exporter(collector)});
  callTool(service, "list_pools", "{}", traceparent(false));
  callTool(service, "list_tasks", "{}", "");
  callTool(service, "run_untrusted_scan", submission, "");

  const auto spans = waitForSpan(collector, "run_untrusted_scan");
  EXPECT_THAT(named(spans, "run_untrusted_scan"), SizeIs(1));
  EXPECT_THAT(named(spans, "list_pools"), SizeIs(0));
  EXPECT_THAT(named(spans, "list_tasks"), SizeIs(0));
}

TEST(Traces, AScanThatSurvivesTheDeathOfItsWorkerIsOneTrace) {
  const PostReceiver collector;
  const RedisServer redis{{"--appendfsync", "always", "--maxmemory-policy", "noeviction"}};
  NessusSimulator nessus(built("bin/nessus-simulator"), {"--scan-seconds", "60", "--seed", "7"});
  const testing_support::Folder shared;
  const auto node = [&](const std::string& roles) {
    return ServiceOptions{
        .scanners = nessusScanner(nessus),
        .extra = "queue: {plugin: queue-redis, config: {url: \"" + redis.url() +
                 "\"}}\nresults: {allow_local: true}\ntasks: {poll_interval: 100ms, lease: 2s}\n",
        .node = ", roles: [" + roles + "], key_file: " + (shared.path() / "keys.json").string(),
        .exporters = exporter(collector)};
  };
  Service front(node("api"));
  std::optional<Service> first(std::in_place, node("worker"));
  client::Client client = front.client();
  const auto submitted = client.submit_scan("10.0.0.1", "LAN");
  const std::string remote = remoteOf(client, submitted.task_id);
  waitForSpan(collector, "scanner.start");
  first->signal(SIGKILL);
  Service second(node("worker"));
  for (int i = 0; i < 400 && second.events("task_taken_over").empty(); ++i)
    std::this_thread::sleep_for(25ms);
  nessus.call("POST", "/simulator/scans/" + remote + "/finish");
  ASSERT_EQ(waitForEnd(client, submitted.task_id).status, "completed");

  const auto spans = waitForSpan(collector, "scan.attempt", "scanhost.status", "completed");
  const std::string trace = spans.at(0)["traceId"].asString();
  for (const Json& span : spans) EXPECT_EQ(span["traceId"].asString(), trace) << span.dump();
  const auto attempts = named(spans, "scan.attempt");
  ASSERT_THAT(attempts, SizeIs(2));
  const Json &lost = attempts[0], &done = attempts[1];
  EXPECT_EQ(attribute(lost, "scanhost.status").asString(), "lost");
  EXPECT_EQ(lost["status"]["code"].asInteger(), 2);
  EXPECT_EQ(attribute(done, "scanhost.status").asString(), "completed");
  ASSERT_THAT(named(spans, "scanner.start"), SizeIs(1)) << "it was launched once";
  EXPECT_EQ(named(spans, "scanner.start")[0]["parentSpanId"], lost["spanId"]);
  ASSERT_THAT(named(spans, "scanner.collect"), SizeIs(1));
  EXPECT_EQ(named(spans, "scanner.collect")[0]["parentSpanId"], done["spanId"]);
  EXPECT_EQ(nessus.count("scan_launched"), 1);
}

TEST(Traces, AnExporterInAProcessOfItsOwnHandsOnTheSame) {
  const PostReceiver collector;
  NessusSimulator nessus(built("bin/nessus-simulator"), {"--scan-seconds", "60"});
  Service service({.scanners = nessusScanner(nessus),
                   .exporters = "  - {plugin: exporter-otlp, isolation: process, config: {url: \"" +
                                collector.url() + "\"}}\n"});
  callTool(service, "run_untrusted_scan", submission, traceparent());
  const auto spans = waitForSpan(collector, "scanner.start");
  ASSERT_THAT(named(spans, "run_untrusted_scan"), SizeIs(1));
  const Json call = named(spans, "run_untrusted_scan")[0];
  EXPECT_EQ(call["parentSpanId"].asString(), caller_span);
  EXPECT_EQ(attribute(call, "scanhost.provider").asString(), "scanhost");
}

TEST(Traces, ACollectorThatIsDownDelaysNoScanAndGetsItsSpansLater) {
  std::optional<PostReceiver> collector(std::in_place);
  const std::uint16_t port = collector->port();
  const std::string to = exporter(*collector);
  collector.reset();
  NessusSimulator nessus(built("bin/nessus-simulator"), {"--scan-seconds", "1", "--seed", "7"});
  Service service({.scanners = nessusScanner(nessus), .exporters = to});
  client::Client client = service.client();
  ASSERT_EQ(waitForEnd(client, client.submit_scan("10.0.0.1", "LAN").task_id).status, "completed");

  collector.emplace(std::nullopt, port);
  EXPECT_THAT(named(waitForSpan(*collector, "scan.attempt"), "scan.attempt"), SizeIs(1));
}

}  // namespace
}  // namespace scanhost::integration
