// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// Revision 2026-07-28 beyond what the conformance suite asks: answers to what is no request, ids,
/// encodings of headers, batches, cursors.
#include <gmock/gmock.h>

#include "tests/integration/service.h"
#include "tests/mcp/wire.h"

namespace scanhost::integration {
namespace {

using testing::HasSubstr;

/// One service for all of them.
class StatelessWire : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    service = std::make_unique<Service>(ServiceOptions{.scanners = nmapScanner("9")});
  }
  static void TearDownTestSuite() { service.reset(); }

  static inline std::unique_ptr<Service> service;
  const Wire wire{service->port()};

  const HeaderList listing = modernHeaders("tools/list");
  const std::string listing_body = requestOf("tools/list", withMeta(Json::object())).dump();

  /// A request with another id, of these JSON characters.
  std::string withId(const std::string& id) const {
    return R"({"jsonrpc":"2.0","id":)" + id + R"(,"method":"tools/list","params":)" +
           withMeta(Json::object()).dump() + "}";
  }
};

TEST_F(StatelessWire, OnlyPostIsServed) {
  for (const char* method : {"GET", "DELETE", "PUT", "PATCH"}) {
    const HttpAnswer answer = wire.send(method, listing);
    EXPECT_EQ(answer.status, 405) << method << answer.text;
    EXPECT_THAT(answer.header("Allow"), HasSubstr("POST")) << method;
  }
}

TEST_F(StatelessWire, ABodyIsJsonByName) {
  for (const char* type : {"text/plain", "application/x-www-form-urlencoded", "application/jsonp"})
    EXPECT_EQ(wire.send("POST", over(listing, {{"Content-Type", type}}), listing_body).status, 415)
        << type;
  for (const char* type : {"application/json; charset=utf-8", "Application/JSON"})
    EXPECT_EQ(wire.send("POST", over(listing, {{"Content-Type", type}}), listing_body).status, 200)
        << type;
}

TEST_F(StatelessWire, ABodyThatIsTooLargeEndsEarly) {
  const HttpAnswer answer =
      wire.send("POST", over(listing, {{"Content-Length", "1073741824"}}), "{");
  EXPECT_EQ(answer.status, 413) << answer.text;
}

TEST_F(StatelessWire, EveryWayToAcceptIsServed) {
  for (const char* accept : {"application/json", "text/event-stream", "*/*", "", "application/*",
                             "text/event-stream;q=0.5, application/json"})
    EXPECT_EQ(wire.send("POST", over(listing, {{"Accept", accept}}), listing_body).status, 200)
        << accept;
}

struct Malformed {
  const char* what;
  std::string body;
  int code;
};

TEST_F(StatelessWire, WhatIsNoRequestIsRefusedWithItsCode) {
  const std::string deep(100'000, '[');
  for (const Malformed& malformed : std::initializer_list<Malformed>{
           {"empty", "", -32700},
           {"no JSON", "{\"jsonrpc\":", -32700},
           {"no UTF-8", "{\"jsonrpc\":\"2.0\",\"id\":\"\xff\"}", -32700},
           {"nested too deep", deep, -32700},
           {"a number", "17", -32600},
           {"a text", "\"tools/list\"", -32600},
           {"an empty batch", "[]", -32600},
           {"a batch", "[" + listing_body + "]", -32600},
           {"of another JSON-RPC", R"({"jsonrpc":"1.0","id":1,"method":"tools/list"})", -32600},
           {"without a method", R"({"jsonrpc":"2.0","id":1})", -32600},
           {"whose method is a number", R"({"jsonrpc":"2.0","id":1,"method":7})", -32600},
           {"whose params are a list",
            R"({"jsonrpc":"2.0","id":1,"method":"tools/list","params":[]})", -32600},
           {"with the id null", withId("null"), -32600},
           {"with the id true", withId("true"), -32600},
           {"with the id 1.5", withId("1.5"), -32600},
           {"with the id {}", withId("{}"), -32600}}) {
    const HttpAnswer answer = wire.send("POST", listing, malformed.body);
    EXPECT_EQ(answer.status, 400) << malformed.what << answer.text;
    EXPECT_EQ(answer.code(), malformed.code) << malformed.what << answer.text;
    EXPECT_FALSE(answer.body.has("id") && answer.body["id"].isNull()) << malformed.what;
  }
}

TEST_F(StatelessWire, AnIdComesBackAsItWas) {
  for (const char* id :
       {"1", "0", "-7", "9007199254740993", "\"1\"", "\"\"", R"("a \"b\" \u00e4")"}) {
    const HttpAnswer answer = wire.send("POST", listing, withId(id));
    ASSERT_EQ(answer.status, 200) << id << answer.text;
    EXPECT_EQ(answer.body["id"], Json::parse(id)) << answer.text;
  }
}

TEST_F(StatelessWire, ANotificationIsAcceptedWithoutAnAnswer) {
  const HttpAnswer answer = wire.send(
      "POST", modernHeaders("notifications/cancelled"),
      notificationOf("notifications/cancelled", Json::object({{"requestId", 99}})).dump());
  EXPECT_EQ(answer.status, 202) << answer.text;
  EXPECT_EQ(answer.text, "");
}

TEST_F(StatelessWire, AResponseIsNothingToPost) {
  EXPECT_EQ(wire.send("POST", listing, R"({"jsonrpc":"2.0","id":1,"result":{}})").status, 400);
}

TEST_F(StatelessWire, AResultTellsTheServerAndItsKind) {
  const Json result = wire.modern("tools/list").body["result"];
  EXPECT_EQ(result["resultType"].asString(), "complete");
  EXPECT_EQ(result["_meta"]["io.modelcontextprotocol/serverInfo"]["name"].asString(), "scanhost");
}

TEST_F(StatelessWire, SessionHeadersAreIgnoredAndNeverEchoed) {
  const HttpAnswer answer =
      wire.modern("tools/list", {}, {{"Mcp-Session-Id", "stale"}, {"Last-Event-ID", "7"}});
  EXPECT_EQ(answer.status, 200) << answer.text;
  EXPECT_EQ(answer.header("Mcp-Session-Id"), "");
}

TEST_F(StatelessWire, ANameMayComeEncoded) {
  const Json call = toolCall("list_pools");
  const auto named = [&](const std::string& name) {
    return wire.modern("tools/call", call, {{"Mcp-Name", name}});
  };
  EXPECT_EQ(named("=?base64?bGlzdF9wb29scw==?=").status, 200);
  for (const char* wrong : {"=?base64?bGlzdF9wb29scw?=", "=?base64?bGlzdF9wb29!cw==?=",
                            "=?base64?bGlzdF90YXNrcw==?=", "bGlzdF9wb29scw==", "LIST_POOLS",
                            "=?base64?"
                            "?="}) {
    EXPECT_EQ(named(wrong).status, 400) << wrong;
    EXPECT_EQ(named(wrong).code(), -32020) << wrong;
  }
}

TEST_F(StatelessWire, AHeaderThatComesTwiceIsNotBelieved) {
  HeaderList twice = listing;
  twice.emplace_back("Mcp-Method", "tools/call");
  EXPECT_EQ(wire.send("POST", twice, listing_body).code(), -32020);
}

TEST_F(StatelessWire, AnUnknownToolIsAProtocolErrorAndAWrongArgumentAResult) {
  EXPECT_EQ(wire.modern("tools/call", toolCall("no_such_tool")).code(), -32602);
  const HttpAnswer wrong =
      wire.modern("tools/call", toolCall("list_tasks", Json::object({{"limit", 100'000}})));
  EXPECT_TRUE(wrong.body["result"]["isError"].asBool()) << wrong.text;
}

TEST_F(StatelessWire, ACursorThatWasNeverGivenIsInvalid) {
  const Json cursor = Json::object({{"cursor", "bm9uZQ"}});
  const HttpAnswer answer = wire.modern("tools/list", cursor);
  EXPECT_EQ(answer.code(), -32602) << answer.text;
}

TEST_F(StatelessWire, OriginAndHostAreCompared) {
  const std::string port = std::to_string(service->port());
  const auto from = [&](const std::string& origin) {
    return wire.modern("server/discover", {}, {{"Origin", origin}}).status;
  };
  EXPECT_EQ(from("http://127.0.0.1:" + port), 200);
  EXPECT_EQ(from("http://localhost:" + port), 200);
  const std::vector<std::string> others{"null", "file://", "http://evil.example",
                                        "http://127.0.0.1.example.com:" + port,
                                        "http://localhost.example:" + port};
  for (const std::string& other : others) EXPECT_EQ(from(other), 403) << other;
  const int rebound =
      wire.modern("server/discover", {}, {{"Host", "rebound.example:" + port}}).status;
  EXPECT_TRUE(rebound >= 400 && rebound < 500) << rebound;
}

}  // namespace
}  // namespace scanhost::integration
