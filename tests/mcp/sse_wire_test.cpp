// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// HTTP+SSE of revision 2024-11-05: a stream to read, and an endpoint to post to.
#include <gmock/gmock.h>

#include <thread>

#include "tests/mcp/fixture_service.h"
#include "tests/mcp/wire.h"

namespace scanhost::integration {
namespace {

using namespace std::chrono_literals;
using testing::StartsWith;

/// One service for all of them.
class SseWire : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    service = std::make_unique<FixtureService>("{}", "{keep_alive_s: 1, sse: {enabled: true}}");
  }
  static void TearDownTestSuite() { service.reset(); }

  static inline std::unique_ptr<FixtureService> service;
  const Wire endpoint{(*service)->port(), "/sse"};

  /// An open stream and where to post.
  struct Connection {
    EventStream stream;
    std::string path;

    int post(const Json& message) const {
      return Wire((*service)->port(), path)
          .send("POST", {{"Content-Type", "application/json"}}, message.dump())
          .status;
    }
    /// The answer on the stream.
    Json call(const std::string& method, const Json& params = Json::object()) {
      EXPECT_EQ(post(requestOf(method, params)) / 100, 2);
      return stream.message();
    }
  };
  Connection connect() const {
    Connection connection{endpoint.stream("GET", {{"Accept", "text/event-stream"}}), ""};
    const auto first = connection.stream.next();
    if (first) {
      EXPECT_EQ(first->name, "endpoint");
      connection.path = first->data;
    }
    return connection;
  }
  Json initialize(Connection& connection) const {
    return connection.call(
        "initialize",
        Json::object({{"protocolVersion", "2024-11-05"},
                      {"capabilities", Json::object()},
                      {"clientInfo", Json::object({{"name", "w"}, {"version", "1"}})}}));
  }
};

TEST_F(SseWire, ItTellsWhereToPostFirst) {
  const Connection connection = connect();
  EXPECT_EQ(connection.stream.answer().header("Content-Type"), "text/event-stream");
  EXPECT_THAT(connection.path, StartsWith("/messages?"));
}

TEST_F(SseWire, EverythingIsAnsweredOnTheStream) {
  Connection connection = connect();
  EXPECT_EQ(initialize(connection)["result"]["protocolVersion"].asString(), "2024-11-05");
  EXPECT_EQ(connection.post(notificationOf("notifications/initialized")) / 100, 2);
  EXPECT_EQ(connection.call("ping")["result"], Json::object());
  const Json result = connection.call("tools/call", toolCall("test_simple_text"))["result"];
  EXPECT_EQ(result["content"].items().at(0)["type"].asString(), "text");
}

TEST_F(SseWire, ResultsHaveWhatThatRevisionKnows) {
  Connection connection = connect();
  initialize(connection);
  const Json audio = connection.call("tools/call", toolCall("test_audio_content"))["result"];
  EXPECT_EQ(audio["content"].items().at(0)["type"].asString(), "text");
  for (const Json& tool : connection.call("tools/list")["result"]["tools"].items())
    for (const char* later : {"annotations", "outputSchema", "title", "execution"})
      EXPECT_FALSE(tool.has(later)) << tool.dump();
}

TEST_F(SseWire, AMessageNeedsItsSession) {
  const Wire messages((*service)->port(), "/messages");
  const HeaderList json{{"Content-Type", "application/json"}};
  EXPECT_EQ(messages.send("POST", json, requestOf("ping").dump()).status, 400);
  const Connection connection = connect();
  const std::string unknown =
      connection.path.substr(0, connection.path.find('=') + 1) + std::string(32, '0');
  EXPECT_EQ(Wire((*service)->port(), unknown).send("POST", json, requestOf("ping").dump()).status,
            404);
  EXPECT_EQ(messages.send("GET", {}).status, 405);
  EXPECT_EQ(endpoint.send("POST", json, requestOf("ping").dump()).status, 405);
}

TEST_F(SseWire, TheSessionEndsWithItsStream) {
  Connection connection = connect();
  initialize(connection);
  connection.stream.hangUp();
  int status = 0;
  for (int i = 0; i < 50 && status != 404; ++i) {
    std::this_thread::sleep_for(20ms);
    status = connection.post(notificationOf("notifications/initialized"));
  }
  EXPECT_EQ(status, 404);
}

TEST_F(SseWire, ItsStreamIsKeptAlive) {
  Connection connection = connect();
  EXPECT_TRUE(connection.stream.next(3s, true));
}

TEST_F(SseWire, AnotherOriginIsForbidden) {
  const HeaderList evil{{"Accept", "text/event-stream"}, {"Origin", "http://evil.example"}};
  EXPECT_EQ(endpoint.stream("GET", evil).answer().status, 403);
}

TEST(SseSwitch, ItIsOffUnlessAskedFor) {
  FixtureService service;
  EXPECT_EQ(Wire(service->port(), "/sse").send("GET", {{"Accept", "text/event-stream"}}).status,
            404);
}

}  // namespace
}  // namespace scanhost::integration
