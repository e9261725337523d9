// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// transport-mcp as the host has it: the built file, loaded, on a listener of its own, asked over
/// plain sockets. Callers are told apart by the header X-Test-Caller.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <scanhost/abi/transport.h>

#include <filesystem>
#include <memory>
#include <optional>

#include "host/http/listener.h"
#include "host/http/message.h"
#include "host/http/test_client.h"
#include "host/operations/operations.h"
#include "host/plugins/instance.h"
#include "host/plugins/loader.h"
#include "host/plugins/schema.h"
#include "host/services/http_service.h"
#include "host/services/operations_service.h"

namespace scanhost {
namespace {

using namespace std::chrono_literals;
using http::TestClient;
using testing::HasSubstr;
using testing::Not;

using HeaderList = std::vector<std::pair<std::string, std::string>>;

/// `services`, which live until the process ends, are what a process must offer to load it.
const LoadedPlugin& plugin(const ServiceRegistry& services) {
  static PluginLoader loader(
      {.folder = std::filesystem::path(SCANHOST_BINARY_DIR) / "plugins", .services = &services});
  const auto loaded = loader.load("transport-mcp");
  if (!loaded) throw std::runtime_error(loaded.error().message);
  return **loaded;
}

Operation operation(const std::string& name, std::uint32_t flags,
                    std::function<OperationResult(const Json&, const OperationContext&)> run) {
  Operation made;
  made.name = name;
  made.title = "The " + name;
  made.description = "Does \"" + name + "\"";
  made.input_schema = Json::object({{"type", "object"}});
  made.output_schema = outputSchema(Json::object({{"type", "object"}}));
  made.flags = flags;
  made.run = std::move(run);
  return made;
}

/// Operations with nothing behind them.
void addToys(Operations& operations) {
  operations.add(operation("echo", SCANHOST_OPERATION_READ_ONLY,
                           [](const Json& arguments, const OperationContext& context) {
                             return OperationAnswer{
                                 Json::object({{"echo", arguments},
                                               {"caller", context.caller.subject},
                                               {"trace", context.trace.uuid()}})};
                           }));
  operations.add(operation("fail", SCANHOST_OPERATION_OPEN_WORLD,
                           [](const Json&, const OperationContext&) -> OperationResult {
                             return tl::unexpected(ServiceError::notCompleted("running"));
                           }));
  operations.add(operation("count", SCANHOST_OPERATION_IDEMPOTENT,
                           [](const Json&, const OperationContext& context) {
                             for (const double done : {1.0, 2.0, 2.0, 1.0, 3.0})
                               context.progress(done, 3, "line\nbreak");
                             return OperationAnswer{Json::object({{"counted", 3}}), "three"};
                           }));
  Operation secret = operation(
      "purge", SCANHOST_OPERATION_DESTRUCTIVE,
      [](const Json&, const OperationContext&) { return OperationAnswer{Json::object()}; });
  secret.operators_only = true;
  operations.add(std::move(secret));
}

Result<http::Caller> callerOf(const http::Request& request) {
  http::Caller caller;
  if (const auto name = request.header("X-Test-Caller")) caller.subject = std::string(*name);
  if (caller.subject == "root") caller.roles.insert("operator");
  return caller;
}

struct Answer {
  int status = 0;
  std::string raw;
  Json body;

  std::string header(const std::string& name) const {
    const std::size_t at = raw.find("\r\n" + name + ": ");
    if (at == std::string::npos) return {};
    const std::size_t begin = at + name.size() + 4;
    return raw.substr(begin, raw.find("\r\n", begin) - begin);
  }
  std::int64_t code() const { return body["error"]["code"].asInteger(); }
};

class McpPlugin : public testing::Test {
 protected:
  void SetUp() override { make(); }
  void TearDown() override {
    instance.reset();
    if (listener) listener->stop(1s);
  }

  /// A host of its own; what plugins were given lives until the process ends.
  void make(const Json& settings = Json::object()) {
    TearDown();
    auto* events = new EventLog();
    auto* metrics = new Metrics();
    auto* operations = new Operations(*events, *metrics);
    addToys(*operations);
    auto* catalogue = new Catalogue();
    catalogue->use(*new Keyring(Keyring::fresh()));
    ASSERT_TRUE(catalogue->add(*operations));
    http::ListenOptions options;
    options.listen = "127.0.0.1:0";
    listener = new http::Listener(std::move(options), {}, callerOf);
    ASSERT_TRUE(listener->start());
    auto* services = new ServiceRegistry();
    (new HttpService({listener}))->registerIn(*services);
    (new OperationsService(*catalogue))->registerIn(*services);

    const LoadedPlugin& mcp = plugin(*services);
    CheckedSettings checked = Schema::compile(mcp.manifest().config_schema)->check(settings);
    ASSERT_TRUE(checked.problems.empty()) << checked.problems.at(0).message;
    auto created = PluginInstance::create(
        mcp, SCANHOST_TRANSPORT_ID,
        {.name = "mcp", .settings = std::move(checked.values), .services = services});
    ASSERT_TRUE(created) << created.error().message;
    instance = std::move(*created);
    const Status started = instance->start({});
    ASSERT_TRUE(started) << started.error().message;
  }

  std::string requestText(const std::string& method, const std::string& body,
                          const HeaderList& headers) const {
    std::string text = method +
                       " /mcp HTTP/1.1\r\nHost: 127.0.0.1:" + std::to_string(listener->port()) +
                       "\r\nContent-Length: " + std::to_string(body.size()) + "\r\n";
    bool typed = false;
    for (const auto& [name, value] : headers) {
      text += name + ": " + value + "\r\n";
      typed = typed || name == "Content-Type";
    }
    if (!typed) text += "Content-Type: application/json\r\n";
    return text + "\r\n" + body;
  }
  Answer ask(const std::string& method, const std::string& body, const HeaderList& headers) const {
    TestClient client(listener->port());
    Answer answer;
    answer.raw = client.ask(requestText(method, body, headers));
    answer.status = http::statusOf(answer.raw);
    answer.body = Json::tryParse(http::bodyOf(answer.raw)).value_or(Json());
    return answer;
  }
  Answer post(const std::string& body, const HeaderList& headers = {}) const {
    return ask("POST", body, headers);
  }
  /// The whole of a stream, which the server ends.
  std::string stream(const std::string& body, const HeaderList& headers) const {
    TestClient client(listener->port());
    client.send(requestText("POST", body, headers));
    return client.receive("\"id\":");
  }

  std::string open(const HeaderList& headers = {}, const std::string& revision = "2025-11-25") {
    const Answer answer =
        post(R"({"jsonrpc":"2.0","id":0,"method":"initialize","params":{"protocolVersion":")" +
                 revision + R"(","capabilities":{},"clientInfo":{"name":"t","version":"1"}}})",
             headers);
    EXPECT_EQ(answer.status, 200) << answer.raw;
    return answer.header("Mcp-Session-Id");
  }
  Answer inSession(const std::string& id, const std::string& method,
                   const std::string& params = "{}", HeaderList headers = {}) const {
    headers.emplace_back("Mcp-Session-Id", id);
    return post(requestBody(method, params), headers);
  }
  static std::string requestBody(const std::string& method, const std::string& params) {
    return R"({"jsonrpc":"2.0","id":1,"method":")" + method + R"(","params":)" + params + "}";
  }

  http::Listener* listener = nullptr;  // never freed, as the services that refer to it
  std::unique_ptr<PluginInstance> instance;
};

// --- with sessions ------------------------------------------------------------------------------

class McpSessions : public McpPlugin {};

TEST_F(McpSessions, InitializeTellsWhoWeAre) {
  const Answer answer =
      post(requestBody("initialize", R"({"protocolVersion":"2025-06-18","capabilities":{}})"),
           {{"MCP-Protocol-Version", "1999-01-01"}});
  ASSERT_EQ(answer.status, 200) << answer.raw;
  const Json& result = answer.body["result"];
  EXPECT_EQ(result["protocolVersion"].asString(), "2025-06-18");
  EXPECT_EQ(result["capabilities"].dump(),
            R"({"tools":{"listChanged":true},"resources":{"subscribe":true,"listChanged":true},)"
            R"("prompts":{"listChanged":true},"logging":{},"completions":{}})");
  EXPECT_EQ(result["serverInfo"]["name"].asString(), "scanhost");
  EXPECT_NE(result["instructions"].asString(), "");
  EXPECT_EQ(answer.header("Mcp-Session-Id").size(), 32u);
  EXPECT_EQ(answer.header("Content-Type"), "application/json");
}

TEST_F(McpSessions, AServedRevisionIsEchoed) {
  for (const std::string revision : {"2025-03-26", "2025-06-18", "2025-11-25"}) {
    const Answer answer =
        post(requestBody("initialize", R"({"protocolVersion":")" + revision + R"("})"));
    EXPECT_EQ(answer.body["result"]["protocolVersion"].asString(), revision);
  }
}

TEST_F(McpSessions, AnotherRevisionIsAnsweredWithTheLatest) {
  for (const char* revision : {"2024-11-05", "2026-07-28", "2099-01-01", ""}) {
    const Answer answer = post(
        requestBody("initialize", R"({"protocolVersion":")" + std::string(revision) + R"("})"));
    EXPECT_EQ(answer.body["result"]["protocolVersion"].asString(), "2025-11-25") << revision;
  }
  EXPECT_EQ(post(requestBody("initialize", "{}")).code(), -32602);
}

TEST_F(McpSessions, ARequestNamesItsSession) {
  const std::string id = open();
  EXPECT_EQ(inSession(id, "ping").body.dump(), R"({"jsonrpc":"2.0","id":1,"result":{}})");
  EXPECT_EQ(post(requestBody("ping", "{}")).status, 400);
  const Answer unknown = inSession("0123456789abcdef0123456789abcdef", "ping");
  EXPECT_EQ(unknown.status, 404);
  EXPECT_TRUE(unknown.body.has("error"));
}

TEST_F(McpSessions, ASessionBelongsToItsCaller) {
  const std::string id = open({{"X-Test-Caller", "alice"}});
  EXPECT_EQ(inSession(id, "ping", "{}", {{"X-Test-Caller", "alice"}}).status, 200);
  EXPECT_EQ(inSession(id, "ping", "{}", {{"X-Test-Caller", "bob"}}).status, 404);
  EXPECT_EQ(ask("DELETE", "", {{"Mcp-Session-Id", id}, {"X-Test-Caller", "bob"}}).status, 404);
}

TEST_F(McpSessions, InitializeWithAStaleSessionOpensANewOne) {
  const std::string id = open({{"Mcp-Session-Id", "stale"}});
  EXPECT_EQ(inSession(id, "ping").status, 200);
}

TEST_F(McpSessions, DeleteEndsOne) {
  const std::string id = open();
  EXPECT_EQ(ask("DELETE", "", {}).status, 400);
  EXPECT_EQ(ask("DELETE", "", {{"Mcp-Session-Id", "unknown"}}).status, 404);
  EXPECT_EQ(ask("DELETE", "", {{"Mcp-Session-Id", id}}).status, 204);
  EXPECT_EQ(inSession(id, "ping").status, 404);
}

TEST_F(McpSessions, TheOldestGivesWayWhenTheTableIsFull) {
  make(Json::object({{"max_sessions", 2}}));
  const std::string first = open();
  open();
  const std::string last = open();
  EXPECT_EQ(inSession(first, "ping").status, 404);
  EXPECT_EQ(inSession(last, "ping").status, 200);
}

TEST_F(McpSessions, GetNeedsASession) {
  EXPECT_EQ(ask("GET", "", {{"Accept", "text/event-stream"}}).status, 400);
  EXPECT_EQ(ask("GET", "", {{"Accept", "text/event-stream"}, {"Mcp-Session-Id", "none"}}).status,
            404);
}

TEST_F(McpSessions, NotificationsAndResponsesAreAccepted) {
  const HeaderList session = {{"Mcp-Session-Id", open()}};
  for (const char* body : {R"({"jsonrpc":"2.0","method":"notifications/initialized"})",
                           R"({"jsonrpc":"2.0","id":9,"result":{}})"}) {
    const Answer answer = post(body, session);
    EXPECT_EQ(answer.status, 202);
    EXPECT_EQ(http::bodyOf(answer.raw), "");
  }
}

TEST_F(McpSessions, AnUnknownMethodIsSaidSo) {
  const Answer answer = inSession(open(), "elicitation/create");
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.code(), -32601);
  EXPECT_EQ(answer.body["id"], Json(1));
}

TEST_F(McpSessions, AnUnservedVersionHeaderIsRefused) {
  const std::string id = open();
  const auto ping = [&](const char* version) {
    return inSession(id, "ping", "{}", {{"MCP-Protocol-Version", version}});
  };
  EXPECT_EQ(ping("2025-06-18").status, 200);
  const Answer refused = ping("1999-01-01");
  EXPECT_EQ(refused.status, 400);
  EXPECT_EQ(refused.code(), -32022);
  EXPECT_EQ(refused.body["error"]["data"]["requested"].asString(), "1999-01-01");
}

TEST_F(McpSessions, ToolsAreListedForTheCaller) {
  const Answer answer = inSession(open(), "tools/list");
  const auto& tools = answer.body["result"]["tools"].items();
  ASSERT_EQ(tools.size(), 3u) << answer.raw;
  EXPECT_EQ(tools[0]["name"].asString(), "echo");
  EXPECT_EQ(tools[0]["title"].asString(), "The echo");
  EXPECT_EQ(tools[0]["description"].asString(), "Does \"echo\"");
  EXPECT_EQ(tools[0]["inputSchema"]["type"].asString(), "object");
  EXPECT_TRUE(tools[0]["outputSchema"].has("anyOf"));
  EXPECT_EQ(tools[0]["annotations"].dump(),
            R"({"readOnlyHint":true,"destructiveHint":false,"idempotentHint":false,)"
            R"("openWorldHint":false})");
  EXPECT_TRUE(tools[1]["annotations"]["openWorldHint"].asBool());
  EXPECT_TRUE(tools[2]["annotations"]["idempotentHint"].asBool());
  EXPECT_FALSE(answer.body["result"].has("resultType"));
  EXPECT_EQ(inSession(open(), "tools/list", R"({"cursor":"x"})").code(), -32602);

  const HeaderList root = {{"X-Test-Caller", "root"}};
  const Answer all = inSession(open(root), "tools/list", "{}", root);
  EXPECT_TRUE(all.body["result"]["tools"].items().at(3)["annotations"]["destructiveHint"].asBool());
}

TEST_F(McpSessions, AToolAnswersTextAndTheSameAsAStructure) {
  const Answer answer =
      inSession(open(), "tools/call", R"({"name":"echo","arguments":{"a":[1,"\u00e4\n"]}})");
  const Json& result = answer.body["result"];
  EXPECT_EQ(result["structuredContent"]["echo"].dump(), "{\"a\":[1,\"\u00e4\\n\"]}");
  EXPECT_EQ(Json::parse(result["content"].items().at(0)["text"].asString()),
            result["structuredContent"]);
  EXPECT_EQ(result["content"].items().at(0)["type"].asString(), "text");
  EXPECT_EQ(result["isError"], Json(false));
}

TEST_F(McpSessions, AFailedToolIsAnErrorResult) {
  const Answer answer = inSession(open(), "tools/call", R"({"name":"fail"})");
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.body["result"]["isError"], Json(true));
  EXPECT_EQ(answer.body["result"]["structuredContent"]["code"].asString(), "not_completed");

  make(Json::object({{"errors", "result"}}));
  const Answer quiet = inSession(open(), "tools/call", R"({"name":"fail"})");
  EXPECT_EQ(quiet.body["result"]["isError"], Json(false));
  EXPECT_EQ(quiet.body["result"]["structuredContent"]["code"].asString(), "not_completed");
}

TEST_F(McpSessions, ACallThatCannotBeMadeIsInvalid) {
  const std::string id = open();
  for (const char* params : {R"({"name":"unknown"})", R"({"name":"purge"})", R"({"name":7})", "{}",
                             R"({"name":"echo","arguments":[1]})"})
    EXPECT_EQ(inSession(id, "tools/call", params).code(), -32602) << params;
  EXPECT_EQ(inSession(id, "tools/call", R"({"name":"echo","arguments":null})").code(), 0);
}

TEST_F(McpSessions, ProgressIsStreamedAndIncreases) {
  const std::string answer =
      stream(requestBody("tools/call", R"({"name":"count","_meta":{"progressToken":"t1"}})"),
             {{"Mcp-Session-Id", open()}, {"Accept", "application/json, text/event-stream"}});
  EXPECT_THAT(answer, HasSubstr("Content-Type: text/event-stream"));
  EXPECT_THAT(answer, HasSubstr("X-Accel-Buffering: no"));
  std::size_t at = 0;
  for (const char* part : {R"("progressToken":"t1","progress":1)", R"("progress":2)",
                           R"("progress":3)", R"("structuredContent":{"counted":3})"}) {
    const std::size_t found = answer.find(part, at);
    ASSERT_NE(found, std::string::npos) << part << " in " << answer;
    at = found + 1;
  }
  std::size_t notified = 0;
  for (at = answer.find("notifications/progress"); at != std::string::npos;
       at = answer.find("notifications/progress", at + 1))
    ++notified;
  EXPECT_EQ(notified, 3u) << answer;
}

TEST_F(McpSessions, ProgressIsNotSentToThoseWhoReadJsonAlone) {
  const std::string params = R"({"name":"count","_meta":{"progressToken":1}})";
  const Answer answer = inSession(open(), "tools/call", params, {{"Accept", "application/json"}});
  EXPECT_EQ(answer.header("Content-Type"), "application/json");
  EXPECT_EQ(answer.body["result"]["content"].items().at(0)["text"].asString(), "three");
}

TEST_F(McpSessions, AClientThatReadsOnlyEventsGetsOne) {
  const Answer answer = inSession(open(), "ping", "{}", {{"Accept", "text/event-stream"}});
  EXPECT_EQ(answer.header("Content-Type"), "text/event-stream");
  EXPECT_EQ(http::bodyOf(answer.raw),
            "event: message\ndata: {\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{}}\n\n");
}

TEST_F(McpSessions, ATraceIsPassedOn) {
  const std::string uuid = "550e8400-e29b-41d4-a716-446655440000";
  const std::string parent = "00-550e8400e29b41d4a716446655440000-00f067aa0ba902b7-01";
  const std::string id = open();
  const auto traceIn = [&](const std::string& meta, const HeaderList& headers) {
    return inSession(id, "tools/call", R"({"name":"echo","_meta":{)" + meta + "}}", headers)
        .body["result"]["structuredContent"]["trace"]
        .asString();
  };
  EXPECT_EQ(traceIn("", {{"traceparent", parent}}), uuid);
  EXPECT_EQ(traceIn("", {{"X-Trace-Id", uuid}}), uuid);
  EXPECT_EQ(traceIn(R"("traceparent":")" + parent + '"', {}), uuid);
  EXPECT_NE(traceIn("", {{"X-Trace-Id", "nonsense"}}), uuid);
}

// --- without sessions ---------------------------------------------------------------------------

class McpStateless : public McpPlugin {
 protected:
  static std::string meta(const std::string& version = "2026-07-28") {
    return R"("_meta":{"io.modelcontextprotocol/protocolVersion":")" + version +
           R"(","io.modelcontextprotocol/clientCapabilities":{}})";
  }
  static HeaderList headersFor(const std::string& method, const std::string& name = {}) {
    HeaderList headers = {{"MCP-Protocol-Version", "2026-07-28"}, {"Mcp-Method", method}};
    if (!name.empty()) headers.emplace_back("Mcp-Name", name);
    return headers;
  }
  Answer call(const std::string& method, const std::string& params = {}) const {
    return post(requestBody(method, "{" + params + (params.empty() ? "" : ",") + meta() + "}"),
                headersFor(method));
  }
  Answer callTool(const std::string& name, const std::string& header_name) const {
    return post(requestBody("tools/call", R"({"name":")" + name + R"(",)" + meta() + "}"),
                headersFor("tools/call", header_name));
  }
  static void expectRefused(const Answer& answer, int status, int code) {
    EXPECT_EQ(answer.status, status) << answer.raw;
    EXPECT_EQ(answer.code(), code) << answer.raw;
    EXPECT_EQ(answer.body["id"], Json(1)) << answer.raw;
  }
};

TEST_F(McpStateless, DiscoverTellsWhatIsServed) {
  const Answer answer = call("server/discover");
  ASSERT_EQ(answer.status, 200) << answer.raw;
  const Json& result = answer.body["result"];
  EXPECT_EQ(result["supportedVersions"].dump(),
            R"(["2026-07-28","2025-11-25","2025-06-18","2025-03-26"])");
  EXPECT_TRUE(result["capabilities"]["extensions"]["io.modelcontextprotocol/tasks"].isObject());
  EXPECT_FALSE(result["capabilities"].has("tasks"));
  EXPECT_NE(result["instructions"].asString(), "");
  EXPECT_EQ(result["resultType"].asString(), "complete");
  EXPECT_TRUE(result["ttlMs"].isInteger());
  EXPECT_EQ(result["cacheScope"].asString(), "private");
  EXPECT_EQ(result["_meta"]["io.modelcontextprotocol/serverInfo"]["name"].asString(), "scanhost");
  EXPECT_EQ(answer.header("Mcp-Session-Id"), "");
}

TEST_F(McpStateless, ToolsAreListedAndCalled) {
  const Json list = call("tools/list").body["result"];
  EXPECT_EQ(list["tools"].items().size(), 3u);
  EXPECT_EQ(list["resultType"].asString(), "complete");
  EXPECT_TRUE(list["ttlMs"].isInteger());
  EXPECT_EQ(list["cacheScope"].asString(), "private");

  const Json result = callTool("echo", "echo").body["result"];
  EXPECT_EQ(result["structuredContent"]["caller"].asString(), "anonymous");
  EXPECT_EQ(result["resultType"].asString(), "complete");
  EXPECT_FALSE(result.has("ttlMs"));
}

TEST_F(McpStateless, ProgressIsStreamed) {
  HeaderList headers = headersFor("tools/call", "count");
  headers.emplace_back("Accept", "application/json, text/event-stream");
  const std::string params =
      R"({"name":"count","_meta":{"progressToken":5,"io.modelcontextprotocol/protocolVersion":)"
      R"("2026-07-28","io.modelcontextprotocol/clientCapabilities":{}}})";
  const std::string answer = stream(requestBody("tools/call", params), headers);
  EXPECT_THAT(answer, HasSubstr(R"("progressToken":5,"progress":3)"));
  EXPECT_THAT(answer, HasSubstr(R"("resultType":"complete")"));
}

TEST_F(McpStateless, MetaIsCheckedFirst) {
  const auto with = [&](const std::string& params) {
    return post(requestBody("server/discover", params), headersFor("wrong"));
  };
  expectRefused(with("{}"), 400, -32602);
  expectRefused(with(R"({"_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28"}})"), 400,
                -32602);
  expectRefused(with(R"({"_meta":{"io.modelcontextprotocol/protocolVersion":7,)"
                     R"("io.modelcontextprotocol/clientCapabilities":{}}})"),
                400, -32602);
}

TEST_F(McpStateless, TheVersionHeaderRepeatsTheBody) {
  const std::string body = requestBody("tools/list", "{" + meta() + "}");
  expectRefused(post(body, {{"Mcp-Method", "tools/list"}}), 400, -32020);
  expectRefused(post(body, {{"MCP-Protocol-Version", "2025-11-25"}, {"Mcp-Method", "tools/list"}}),
                400, -32020);
}

TEST_F(McpStateless, AnUnknownVersionIsRefusedWithWhatIsServed) {
  const Answer answer = post(requestBody("tools/list", "{" + meta("2099-01-01") + "}"),
                             {{"MCP-Protocol-Version", "2099-01-01"}, {"Mcp-Method", "wrong"}});
  expectRefused(answer, 400, -32022);
  EXPECT_EQ(
      answer.body["error"]["data"].dump(),
      R"({"supported":["2026-07-28","2025-11-25","2025-06-18","2025-03-26"],"requested":"2099-01-01"})");
}

TEST_F(McpStateless, MethodAndNameHeadersRepeatTheBody) {
  const std::string list = requestBody("tools/list", "{" + meta() + "}");
  expectRefused(post(list, {{"MCP-Protocol-Version", "2026-07-28"}}), 400, -32020);
  expectRefused(post(list, headersFor("Tools/List")), 400, -32020);
  expectRefused(callTool("echo", ""), 400, -32020);
  expectRefused(callTool("echo", "ECHO"), 400, -32020);
  expectRefused(callTool("unknown", "echo"), 400, -32020);
}

TEST_F(McpStateless, ANameMayBeInBase64) {
  EXPECT_EQ(callTool("echo", "=?base64?ZWNobw==?=").status, 200);
  expectRefused(callTool("echo", "=?base64?ZWNobw?="), 400, -32020);
  expectRefused(callTool("echo", "=?base64?ZWNo!w==?="), 400, -32020);
}

TEST_F(McpStateless, UnknownMethodsAndToolsAreSaidSo) {
  for (const char* method : {"initialize", "ping", "logging/setLevel", "resources/subscribe"})
    expectRefused(call(method), 404, -32601);
  expectRefused(callTool("unknown", "unknown"), 200, -32602);
  expectRefused(call("tools/call"), 200, -32602);
  expectRefused(call("tools/list", R"("cursor":"x")"), 200, -32602);
}

TEST_F(McpStateless, NotificationsAreAcceptedAndResponsesRefused) {
  const HeaderList headers = headersFor("notifications/cancelled");
  EXPECT_EQ(post(R"({"jsonrpc":"2.0","method":"notifications/cancelled"})", headers).status, 202);
  EXPECT_EQ(post(R"({"jsonrpc":"2.0","id":1,"result":{}})", headers).code(), -32600);
}

// --- whatever comes -----------------------------------------------------------------------------

class McpHostile : public McpPlugin {};

TEST_F(McpHostile, TheTypeMustBeJson) {
  for (const char* type : {"text/plain", "application/x-www-form-urlencoded", ""})
    EXPECT_EQ(post("{}", {{"Content-Type", type}}).status, 415) << type;
}

TEST_F(McpHostile, WhatIsNoMessageIsRefused) {
  for (const std::string& body : {std::string("{"), std::string("\0\xff", 2), std::string(70, '['),
                                  std::string(), std::string("\xef\xbb\xbf{}")}) {
    const Answer answer = post(body);
    EXPECT_EQ(answer.status, 400);
    EXPECT_EQ(answer.code(), -32700) << answer.raw;
    EXPECT_FALSE(answer.body.has("id"));
  }
  for (const char* body : {"[]", R"([{"jsonrpc":"2.0","id":1,"method":"ping"}])", "{}", "null"}) {
    EXPECT_EQ(post(body).status, 400);
    EXPECT_EQ(post(body).code(), -32600) << body;
  }
}

TEST_F(McpHostile, ABodyOverTheLimitIsRefusedByTheHost) {
  EXPECT_EQ(post(std::string(5u << 20, ' ')).status, 413);
}

TEST_F(McpHostile, AForeignOriginIsRefused) {
  EXPECT_EQ(post("{}", {{"Origin", "https://evil.example"}}).status, 403);
  EXPECT_EQ(post("{}", {{"Origin", "null"}}).status, 403);
}

TEST_F(McpHostile, RandomBytesNeverEndTheServer) {
  unsigned state = 12345;
  const std::string seed =
      R"({"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"echo","_meta":{}}})";
  for (int round = 0; round < 200; ++round) {
    std::string body = seed;
    for (int change = 0; change < 4; ++change) {
      state = state * 1103515245 + 12345;
      body[(state >> 8) % body.size()] = static_cast<char>(state >> 16);
    }
    const int status = post(body, {{"Mcp-Session-Id", body.substr(0, 1)}}).status;
    EXPECT_TRUE(status == 400 || status == 404) << status << ' ' << body;
  }
  EXPECT_EQ(post(requestBody("initialize", R"({"protocolVersion":"2025-11-25"})")).status, 200);
}

TEST_F(McpHostile, ALongNameIsEchoedInPart) {
  const Answer answer =
      inSession(open(), "tools/call", R"({"name":")" + std::string(100'000, 'x') + R"("})");
  EXPECT_EQ(answer.code(), -32602);
  EXPECT_LT(answer.raw.size(), 1000u);
}

TEST_F(McpHostile, StoppingTakesTheEndpointDown) {
  instance->stop({});
  EXPECT_EQ(post("{}").status, 404);
}

}  // namespace
}  // namespace scanhost
