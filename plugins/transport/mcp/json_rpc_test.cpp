// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "plugins/transport/mcp/json_rpc.h"

#include <gtest/gtest.h>

#include "plugins/transport/mcp/event_stream.h"
#include "plugins/transport/mcp/protocol.h"

namespace scanhost::mcp {
namespace {

int codeOf(std::string_view body) {
  try {
    readMessage(readDocument(body));
    return 0;
  } catch (const RpcError& error) {
    EXPECT_EQ(error.httpStatus(), 400);
    return error.code();
  }
}

TEST(JsonRpc, TellsTheKindsOfMessages) {
  const auto kindOf = [](std::string_view body) { return readMessage(readDocument(body)).kind; };
  EXPECT_EQ(kindOf(R"({"jsonrpc":"2.0","id":"a","method":"m"})"), Message::Kind::request);
  EXPECT_EQ(kindOf(R"({"jsonrpc":"2.0","method":"m","params":{}})"), Message::Kind::notification);
  EXPECT_EQ(kindOf(R"({"jsonrpc":"2.0","id":1,"result":{}})"), Message::Kind::response);
  EXPECT_EQ(kindOf(R"({"jsonrpc":"2.0","id":1,"error":{}})"), Message::Kind::response);
}

TEST(JsonRpc, RefusesWhatIsNoMessage) {
  for (const char* body :
       {"[]", "1", "null", "{}", R"({"jsonrpc":"1.0","id":1,"method":"m"})",
        R"([{"jsonrpc":"2.0","id":1,"method":"m"}])", R"({"jsonrpc":"2.0","id":null,"method":"m"})",
        R"({"jsonrpc":"2.0","id":1.5,"method":"m"})", R"({"jsonrpc":"2.0","id":1,"method":7})",
        R"({"jsonrpc":"2.0","id":1,"method":""})", R"({"jsonrpc":"2.0","id":{},"method":"m"})",
        R"({"jsonrpc":"2.0","id":1,"method":"m","params":[]})", R"({"jsonrpc":"2.0","id":1})",
        R"({"jsonrpc":"2.0","id":1,"result":{},"error":{}})"})
    EXPECT_EQ(codeOf(body), code::invalid_request) << body;
}

TEST(JsonRpc, RefusesWhatIsNoJson) {
  const std::string deep = std::string(5000, '[') + std::string(5000, ']');
  for (const std::string& body :
       {std::string(), std::string("{"), std::string("{}x"), std::string("\0\xff\xfe", 3), deep,
        std::string(R"({"jsonrpc":"2.0","jsonrpc":"2.0","id":1,"method":"m"})")})
    EXPECT_EQ(codeOf(body), code::parse_error) << body.substr(0, 40);
}

TEST(JsonRpc, EchoesTheIdWithItsType) {
  EXPECT_EQ(errorBody("7", RpcError(400, -1, "m")),
            R"({"jsonrpc":"2.0","id":"7","error":{"code":-1,"message":"m"}})");
  EXPECT_EQ(errorBody(Json(), RpcError(400, -1, "m", Json::object({{"a", 1}}))),
            R"({"jsonrpc":"2.0","error":{"code":-1,"message":"m","data":{"a":1}}})");
  EXPECT_EQ(resultBody(7, "\"a\":1"), R"({"jsonrpc":"2.0","id":7,"result":{"a":1}})");
}

TEST(Event, KeepsALineBreakWithinTheMessage) {
  EXPECT_EQ(eventOf("{\r\n}"), "event: message\ndata: {\ndata: }\n\n");
}

}  // namespace
}  // namespace scanhost::mcp
