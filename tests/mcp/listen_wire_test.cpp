// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// Revision 2026-07-28 with the fixture: subscriptions/listen, cancellation by hanging up, pages,
/// sealed states and tasks.
#include <gmock/gmock.h>
#include <signal.h>

#include <thread>

#include "tests/mcp/fixture_service.h"
#include "tests/mcp/wire.h"

namespace scanhost::integration {
namespace {

using namespace std::chrono_literals;

constexpr const char* subscription_id = "io.modelcontextprotocol/subscriptionId";

/// One service for all of them.
class ListenWire : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    service = std::make_unique<FixtureService>("{page_size: 5}", "{keep_alive_s: 1}");
  }
  static void TearDownTestSuite() { service.reset(); }

  static inline std::unique_ptr<FixtureService> service;
  const Wire wire{(*service)->port()};

  EventStream listen(const Json& notifications, const Json& id = 1) const {
    const Json params = Json::object({{"notifications", notifications}});
    return wire.stream(
        "POST", modernHeaders("subscriptions/listen"),
        requestOf("subscriptions/listen", withMeta(params, allCapabilities()), id).dump());
  }
  void touch() const { wire.modern("tools/call", toolCall("touch_watched_resource")); }
  Json taskOf(const HttpAnswer& created) const {
    return Json::object({{"taskId", created.body["result"]["taskId"]}});
  }
};

TEST_F(ListenWire, ItAcknowledgesWhatItHonours) {
  EventStream stream =
      listen(Json::object({{"toolsListChanged", true},
                           {"resourceSubscriptions", Json::array({"test://watched-resource"})},
                           {"weather", true}}));
  EXPECT_EQ(stream.answer().status, 200);
  EXPECT_EQ(stream.answer().header("X-Accel-Buffering"), "no");
  const Json told = stream.message();
  EXPECT_EQ(told["method"].asString(), "notifications/subscriptions/acknowledged");
  EXPECT_TRUE(told["params"]["notifications"]["toolsListChanged"].asBool()) << told.dump();
  EXPECT_FALSE(told["params"]["notifications"].has("weather")) << told.dump();
  EXPECT_FALSE(told["params"]["notifications"].has("promptsListChanged")) << told.dump();
}

TEST_F(ListenWire, AllItTellsCarriesItsIdInItsOwnType) {
  for (const Json& id : {Json(12), Json("twelve")}) {
    EventStream stream = listen(
        Json::object({{"resourceSubscriptions", Json::array({"test://watched-resource"})}}), id);
    EXPECT_EQ(stream.message()["params"]["_meta"][subscription_id], id);
    touch();
    const Json update = stream.message();
    EXPECT_EQ(update["method"].asString(), "notifications/resources/updated");
    EXPECT_EQ(update["params"]["uri"].asString(), "test://watched-resource");
    EXPECT_EQ(update["params"]["_meta"][subscription_id], id);
  }
}

TEST_F(ListenWire, ItTellsOfNothingElse) {
  EventStream stream = listen(Json::object({{"promptsListChanged", true}}));
  stream.message();
  touch();
  wire.modern("tools/call", toolCall("test_trigger_tool_change"));
  EXPECT_TRUE(stream.message(300ms).isNull());
  wire.modern("tools/call", toolCall("test_trigger_prompt_change"));
  EXPECT_EQ(stream.message()["method"].asString(), "notifications/prompts/list_changed");
}

TEST_F(ListenWire, ItIsKeptAlive) {
  EventStream stream = listen(Json::object({{"toolsListChanged", true}}));
  stream.message();
  EXPECT_TRUE(stream.next(3s, true));
}

TEST_F(ListenWire, ATaskTellsOfItsEnd) {
  const Json task = taskOf(wire.modern(
      "tools/call", toolCall("slow_compute", Json::object({{"seconds", 1}, {"label", "x"}}))));
  EventStream stream = listen(Json::object({{"taskIds", Json::array({task["taskId"]})}}), 3);
  stream.message();
  Json told;
  do {
    told = stream.message();
    ASSERT_EQ(told["method"].asString(), "notifications/tasks") << told.dump();
    EXPECT_EQ(told["params"]["taskId"], task["taskId"]) << told.dump();
    EXPECT_EQ(told["params"]["_meta"][subscription_id].asInteger(), 3) << told.dump();
  } while (told["params"]["status"].asString() != "completed");
}

TEST_F(ListenWire, HangingUpCancelsTheCall) {
  EventStream stream = wire.modernStream("tools/call", [] {
    Json params = toolCall("test_reconnection");
    params["_meta"] = Json::object({{"progressToken", 1}});
    return params;
  }());
  stream.hangUp();
  std::this_thread::sleep_for(200ms);
  EXPECT_EQ(wire.modern("server/discover").status, 200);
}

TEST_F(ListenWire, PagesGoOnWhereTheyEnded) {
  for (const auto& [method, member, tool] :
       {std::tuple{"tools/list", "tools", "test_tool_with_task"},
        std::tuple{"prompts/list", "prompts", "test_input_required_result_prompt"},
        std::tuple{"resources/list", "resources", "watched-resource"}}) {
    std::vector<std::string> names;
    Json params = Json::object();
    for (int page = 0; page < 100; ++page) {
      const HttpAnswer answer = wire.modern(method, params);
      const Json result = answer.body["result"];
      ASSERT_TRUE(result[member].isArray()) << answer.text;
      for (const Json& one : result[member].items()) names.push_back(one["name"].asString());
      if (!result.has("nextCursor")) break;
      params = Json::object({{"cursor", result["nextCursor"]}});
    }
    EXPECT_EQ(std::count(names.begin(), names.end(), tool), 1) << method;
    EXPECT_EQ(wire.modern(method, Json::object({{"cursor", "5"}})).code(), -32602) << method;
  }
}

TEST_F(ListenWire, AStateIsOfNoUseElsewhere) {
  const Json asked = wire.modern("tools/call", toolCall("test_input_required_result_request_state"))
                         .body["result"];
  Json retry = toolCall("test_input_required_result_request_state");
  retry["requestState"] = asked["requestState"];
  retry["inputResponses"] = Json::object(
      {{"confirm",
        Json::object({{"action", "accept"}, {"content", Json::object({{"ok", true}})}})}});
  EXPECT_EQ(
      wire.modern("tools/call", retry).body["result"]["content"].items().at(0)["text"].asString(),
      "state-ok");

  Json elsewhere = retry;
  elsewhere["name"] = "test_input_required_result_tampered_state";
  EXPECT_TRUE(wire.modern("tools/call", elsewhere).body.has("error"));
  Json cut = retry;
  cut["requestState"] = asked["requestState"].asString().substr(1);
  EXPECT_TRUE(wire.modern("tools/call", cut).body.has("error"));
}

TEST_F(ListenWire, ALogLevelThatIsNoneIsInvalid) {
  Json params = toolCall("test_logging_tool");
  params["_meta"] = Json::object({{"io.modelcontextprotocol/logLevel", "loud"}});
  EXPECT_EQ(wire.modern("tools/call", params).code(), -32602);
  params["_meta"] = Json::object({{"io.modelcontextprotocol/logLevel", "info"}});
  EventStream stream = wire.modernStream("tools/call", params);
  const Json first = stream.message();
  EXPECT_EQ(first["method"].asString(), "notifications/message") << first.dump();
  EXPECT_EQ(first["params"]["level"].asString(), "info");
}

TEST(ListenEnd, AStopIsToldByTheResult) {
  FixtureService service;
  const Wire wire(service->port());
  EventStream stream = wire.modernStream(
      "subscriptions/listen",
      Json::object({{"notifications", Json::object({{"toolsListChanged", true}})}}));
  stream.message();
  service->signal(SIGTERM);
  const Json last = stream.message();
  EXPECT_EQ(last["result"]["resultType"].asString(), "complete") << last.dump();
  EXPECT_EQ(last["result"]["_meta"][subscription_id].asInteger(), 1) << last.dump();
  EXPECT_TRUE(stream.ends());
  EXPECT_EQ(service->stop(), 0);
}

}  // namespace
}  // namespace scanhost::integration
