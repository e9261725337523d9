// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// Sessions of the revisions 2025-03-26 to 2025-11-25 beyond what the conformance suite asks:
/// batches, stale ids, streams that are replaced, resumed and kept alive, and results as each
/// revision has them.
#include <gmock/gmock.h>

#include <algorithm>
#include <thread>

#include "tests/mcp/fixture_service.h"
#include "tests/mcp/wire.h"

namespace scanhost::integration {
namespace {

using namespace std::chrono_literals;
using testing::Contains;
using testing::IsEmpty;
using testing::SizeIs;

/// One service for all of them.
class SessionWire : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    service = std::make_unique<FixtureService>("{}", "{keep_alive_s: 1}");
  }
  static void TearDownTestSuite() { service.reset(); }

  static inline std::unique_ptr<FixtureService> service;
  const Wire wire{(*service)->port()};

  /// What a tool answered in a session of that revision.
  Json called(const std::string& revision, const std::string& tool,
              const Json& arguments = Json::object()) const {
    return Session(wire, revision).call("tools/call", toolCall(tool, arguments)).body["result"];
  }
  Json listed(const std::string& revision, const std::string& tool) const {
    const HttpAnswer answer = Session(wire, revision).call("tools/list");
    for (const Json& one : answer.body["result"]["tools"].items())
      if (one["name"].asString() == tool) return one;
    ADD_FAILURE() << tool << " is not listed: " << answer.text;
    return {};
  }
};

TEST_F(SessionWire, EachRevisionIsAgreedTo) {
  for (const char* revision : {"2025-03-26", "2025-06-18", "2025-11-25"}) {
    const Session session(wire, revision);
    EXPECT_EQ(session.opened()["protocolVersion"].asString(), revision);
    EXPECT_EQ(session.call("ping").body["result"], Json::object()) << revision;
  }
  EXPECT_EQ(Session(wire, "2099-01-01").opened()["protocolVersion"].asString(), "2025-11-25");
}

TEST_F(SessionWire, ARevisionInAHeaderMustBeOneOfThem) {
  const Session session(wire, "2025-11-25");
  const Json ping = requestOf("ping");
  EXPECT_EQ(session.post(ping, {{"MCP-Protocol-Version", "1999-01-01"}}).status, 400);
  EXPECT_EQ(session.post(ping, {{"MCP-Protocol-Version", ""}}).status, 200);
}

TEST_F(SessionWire, ASessionThatIsNotNamedOrNotKnownIsToldApart) {
  const Session session(wire, "2025-11-25");
  const Json ping = requestOf("ping");
  EXPECT_EQ(session.post(ping, {{"Mcp-Session-Id", ""}}).status, 400);
  EXPECT_EQ(session.post(ping, {{"Mcp-Session-Id", "0123456789abcdef0123456789abcdef"}}).status,
            404);
  EXPECT_EQ(wire.send("DELETE", session.headers()).status / 100, 2);
  EXPECT_EQ(session.post(ping).status, 404);
  EXPECT_EQ(session.listen().answer().status, 404);
  EXPECT_EQ(wire.send("DELETE", session.headers()).status, 404);
}

TEST_F(SessionWire, InitializeWithAStaleIdOpensANewSession) {
  const Session session(wire, "2025-11-25");
  const Json params =
      Json::object({{"protocolVersion", "2025-11-25"},
                    {"capabilities", Json::object()},
                    {"clientInfo", Json::object({{"name", "w"}, {"version", "1"}})}});
  const HttpAnswer again =
      session.post(requestOf("initialize", params), {{"Mcp-Session-Id", "gone"}});
  EXPECT_EQ(again.status, 200) << again.text;
  EXPECT_NE(again.header("Mcp-Session-Id"), "");
}

TEST_F(SessionWire, NotificationsAndResponsesAreAcceptedWithoutAnAnswer) {
  const Session session(wire, "2025-11-25");
  for (const Json& message :
       {notificationOf("notifications/roots/list_changed"),
        notificationOf("notifications/cancelled", Json::object({{"requestId", 5}})),
        Json::object({{"jsonrpc", "2.0"}, {"id", 99}, {"result", Json::object()}})}) {
    const HttpAnswer answer = session.post(message);
    EXPECT_EQ(answer.status, 202) << message.dump();
    EXPECT_EQ(answer.text, "") << message.dump();
  }
}

// --- Batches ---

TEST_F(SessionWire, ABatchIsAnsweredWhereTheRevisionHasThem) {
  const Session session(wire, "2025-03-26");
  const Json none = Json::object();
  const HttpAnswer answer = session.post(
      Json::array({requestOf("ping", none, 1), notificationOf("notifications/cancelled"),
                   requestOf("tools/list", none, "two"), requestOf("no/such", none, 3)}));
  ASSERT_EQ(answer.status, 200) << answer.text;
  ASSERT_THAT(answer.body.items(), SizeIs(3)) << answer.text;
  std::vector<std::string> ids;
  for (const Json& one : answer.body.items()) ids.push_back(one["id"].dump());
  EXPECT_THAT(ids, testing::UnorderedElementsAre("1", "\"two\"", "3"));
}

TEST_F(SessionWire, ABatchWithoutRequestsIsOnlyAccepted) {
  const Session session(wire, "2025-03-26");
  const HttpAnswer answer = session.post(Json::array({notificationOf("notifications/cancelled")}));
  EXPECT_EQ(answer.status, 202) << answer.text;
  EXPECT_EQ(session.post(Json::array()).status, 400);
}

TEST_F(SessionWire, ABatchMayNotInitialize) {
  const Session session(wire, "2025-03-26");
  EXPECT_EQ(session.post(Json::array({requestOf("initialize"), requestOf("ping")})).status, 400);
}

TEST_F(SessionWire, LaterRevisionsRefuseBatches) {
  for (const char* revision : {"2025-06-18", "2025-11-25"})
    EXPECT_EQ(Session(wire, revision).post(Json::array({requestOf("ping")})).status, 400)
        << revision;
}

// --- Streams ---

TEST_F(SessionWire, AStreamIsKeptAlive) {
  const Session session(wire, "2025-11-25");
  EventStream stream = session.listen();
  ASSERT_EQ(stream.answer().status, 200) << stream.answer().head;
  EXPECT_EQ(stream.answer().header("Content-Type"), "text/event-stream");
  std::optional<Event> event;
  do event = stream.next(3s, true);
  while (event && event->comment.empty());
  EXPECT_TRUE(event) << "no comment came";
}

TEST_F(SessionWire, ANewStreamReplacesTheOld) {
  const Session session(wire, "2025-11-25");
  EventStream old = session.listen();
  EventStream young = session.listen();
  EXPECT_EQ(young.answer().status, 200) << young.answer().head;
  EXPECT_TRUE(old.ends(5s));
}

TEST_F(SessionWire, AListChangeReachesTheStandingStreamOnly) {
  const Session session(wire, "2025-11-25");
  EventStream stream = session.listen();
  session.call("tools/call", toolCall("test_trigger_tool_change"));
  EXPECT_EQ(stream.message()["method"].asString(), "notifications/tools/list_changed");
}

TEST_F(SessionWire, AWatchedResourceTellsOfItsUpdates) {
  const Session session(wire, "2025-11-25");
  EventStream stream = session.listen();
  const Json uri = Json::object({{"uri", "test://watched-resource"}});
  ASSERT_EQ(session.call("resources/subscribe", uri).body["result"], Json::object());
  session.call("tools/call", toolCall("touch_watched_resource"));
  const Json update = stream.message();
  EXPECT_EQ(update["method"].asString(), "notifications/resources/updated");
  EXPECT_EQ(update["params"]["uri"].asString(), "test://watched-resource");

  ASSERT_EQ(session.call("resources/unsubscribe", uri).body["result"], Json::object());
  session.call("tools/call", toolCall("touch_watched_resource"));
  for (Json told; !(told = stream.message(300ms)).isNull();)
    EXPECT_NE(told["method"].asString(), "notifications/resources/updated");
}

/// A call that answers after a while, and the stream it is answered on.
EventStream slowCall(const Session& session) {
  return session.callStream("tools/call", toolCall("test_reconnection"), 7);
}

TEST_F(SessionWire, OnlyTheLatestRevisionPrimesItsStreams) {
  const Session latest(wire, "2025-11-25");
  EventStream primed = slowCall(latest);
  const auto first = primed.next();
  ASSERT_TRUE(first);
  EXPECT_NE(first->id, "");
  EXPECT_EQ(first->data, "");

  const Session earlier(wire, "2025-06-18");
  EventStream bare = slowCall(earlier);
  const auto message = bare.next();
  ASSERT_TRUE(message);
  EXPECT_EQ(message->json()["id"].asInteger(), 7) << message->data;
}

TEST_F(SessionWire, AnAnswerThatWasMissedComesAgain) {
  const Session session(wire, "2025-11-25");
  EventStream stream = slowCall(session);
  const auto first = stream.next();
  ASSERT_TRUE(first);
  stream.hangUp();
  EventStream resumed = session.listen({{"Last-Event-ID", first->id}});
  ASSERT_EQ(resumed.answer().status, 200) << resumed.answer().head;
  EXPECT_EQ(resumed.message()["id"].asInteger(), 7);
}

TEST_F(SessionWire, AnotherSessionsEventsCannotBeResumed) {
  const Session session(wire, "2025-11-25"), other(wire, "2025-11-25");
  EventStream stream = slowCall(session);
  const auto first = stream.next();
  ASSERT_TRUE(first);
  EventStream stolen = other.listen({{"Last-Event-ID", first->id}});
  EXPECT_TRUE(stolen.message(2500ms).isNull());
  EXPECT_EQ(stream.message()["id"].asInteger(), 7);
}

TEST_F(SessionWire, ACancelledRequestIsNotAnswered) {
  const Session session(wire, "2025-11-25");
  EventStream stream = session.callStream(
      "tools/call", toolCall("slow_compute", Json::object({{"seconds", 30}, {"label", "x"}})), 8);
  ASSERT_TRUE(stream.next());
  EXPECT_EQ(session
                .post(notificationOf("notifications/cancelled",
                                     Json::object({{"requestId", 8}, {"reason", "enough"}})))
                .status,
            202);
  EXPECT_TRUE(stream.ends(5s));
}

// --- Results as each revision has them ---

std::vector<std::string> typesOf(const Json& result) {
  std::vector<std::string> types;
  for (const Json& content : result["content"].items()) types.push_back(content["type"].asString());
  return types;
}

TEST_F(SessionWire, LinksAndStructuredContentBeginWithTheirRevision) {
  EXPECT_THAT(typesOf(called("2025-03-26", "test_resource_link")),
              testing::Not(Contains("resource_link")));
  EXPECT_THAT(typesOf(called("2025-06-18", "test_resource_link")), Contains("resource_link"));
  EXPECT_FALSE(called("2025-03-26", "list_pools").has("structuredContent"));
  EXPECT_TRUE(called("2025-06-18", "list_pools")["structuredContent"].isObject());
  EXPECT_FALSE(listed("2025-03-26", "list_pools").has("outputSchema"));
  EXPECT_TRUE(listed("2025-06-18", "list_pools").has("outputSchema"));
}

TEST_F(SessionWire, AValueThatIsNoObjectIsStructuredFromTheNextRevisionOnly) {
  EXPECT_FALSE(called("2025-11-25", "test_structured_list")["structuredContent"].isArray());
  EXPECT_FALSE(listed("2025-11-25", "test_structured_list").has("outputSchema"));
  const Json modern = wire.modern("tools/call", toolCall("test_structured_list")).body["result"];
  EXPECT_EQ(modern["structuredContent"].dump(), "[1,2,3]");
}

TEST_F(SessionWire, AMissingResourceHasTheCodeOfItsRevision) {
  const Json missing = Json::object({{"uri", "test://missing"}});
  EXPECT_EQ(Session(wire, "2025-11-25").call("resources/read", missing).code(), -32002);
  EXPECT_EQ(wire.modern("resources/read", missing).code(), -32602);
}

// --- Tasks of 2025-11-25 ---

class SessionTasks : public SessionWire {
 protected:
  const Session session{wire, "2025-11-25"};

  Json startTask(const std::string& tool, const Json& arguments = Json::object()) const {
    Json params = toolCall(tool, arguments);
    params["task"] = Json::object({{"ttl", 60000}});
    const HttpAnswer answer = session.call("tools/call", params);
    EXPECT_EQ(answer.body["result"]["task"]["status"].asString(), "working") << answer.text;
    return Json::object({{"taskId", answer.body["result"]["task"]["taskId"]}});
  }
  Json slow(int seconds) const { return Json::object({{"seconds", seconds}, {"label", "x"}}); }
};

TEST_F(SessionTasks, AreDeclaredAndNamedByTheirTools) {
  const Json tasks = session.opened()["capabilities"]["tasks"];
  EXPECT_TRUE(tasks["requests"]["tools"]["call"].isObject()) << session.opened().dump();
  EXPECT_EQ(listed("2025-11-25", "slow_compute")["execution"]["taskSupport"].asString(),
            "optional");
  EXPECT_EQ(listed("2025-11-25", "failing_job")["execution"]["taskSupport"].asString(), "required");
  EXPECT_FALSE(listed("2025-06-18", "slow_compute").has("execution"));
}

TEST_F(SessionTasks, AResultIsWaitedFor) {
  const Json task = startTask("slow_compute", slow(1));
  const HttpAnswer got = session.call("tasks/get", task);
  EXPECT_EQ(got.body["result"]["status"].asString(), "working") << got.text;
  EXPECT_TRUE(got.body["result"]["ttl"].isInteger()) << got.text;
  const Json result = session.call("tasks/result", task).body["result"];
  EXPECT_EQ(result["content"].items().at(0)["text"].asString(), "Computed x") << result.dump();
  EXPECT_EQ(result["_meta"]["io.modelcontextprotocol/related-task"]["taskId"], task["taskId"]);
}

TEST_F(SessionTasks, AnErrorOfTheToolIsAFailedTask) {
  const Json task = startTask("failing_job");
  EXPECT_TRUE(session.call("tasks/result", task).body["result"]["isError"].asBool());
  EXPECT_EQ(session.call("tasks/get", task).body["result"]["status"].asString(), "failed");
}

TEST_F(SessionTasks, ACancelledOneStaysSo) {
  const Json task = startTask("slow_compute", slow(60));
  EXPECT_EQ(session.call("tasks/cancel", task).body["result"]["status"].asString(), "cancelled");
  EXPECT_EQ(session.call("tasks/cancel", task).code(), -32602);
}

TEST_F(SessionTasks, WhatAToolDoesNotSupportIsRefused) {
  Json params = toolCall("test_simple_text");
  params["task"] = Json::object();
  EXPECT_EQ(session.call("tools/call", params).code(), -32601);
  EXPECT_EQ(session.call("tools/call", toolCall("failing_job")).code(), -32601);
  EXPECT_EQ(session.call("tasks/get", Json::object({{"taskId", "none"}})).code(), -32602);
}

}  // namespace
}  // namespace scanhost::integration
