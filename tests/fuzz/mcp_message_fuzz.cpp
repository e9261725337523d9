// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// A body sent to the MCP endpoint, and the header values that come with it: each is read or gets
/// an answer that is JSON-RPC itself. The first line stands for a header, the rest for the body.
#include "plugins/transport/mcp/headers.h"
#include "plugins/transport/mcp/json_rpc.h"
#include "plugins/transport/mcp/trace.h"
#include "tests/fuzz/fuzz_target.h"

namespace scanhost::mcp {
namespace {

void checkAnswer(const std::string& body) {
  const auto answer = Json::tryParse(body);
  fuzz::require(answer && (*answer)["jsonrpc"].asString() == "2.0", "an answer is JSON-RPC");
}

void readHeader(std::string_view value) {
  isJsonType(value);
  readAccept(value);
  if (const auto decoded = decodeHeaderValue(value))
    fuzz::require(decoded->size() <= value.size(), "a decoded value is no longer than its text");
  parseTraceparent(value);
  parseTraceUuid(value);
}

void readBody(std::string_view body) {
  Json id;
  try {
    const Json document = readDocument(body);
    id = readableId(document);
    const Message message = readMessage(document);
    fuzz::require((message.kind == Message::Kind::response) == message.method.empty(),
                  "what is no response has a method");
    if (message.kind == Message::Kind::request) {
      fuzz::require(message.id == id && !id.isNull(), "a request has the id that is echoed");
      checkAnswer(resultBody(message.id, "\"a\":1"));
    }
    message.meta();
  } catch (const RpcError& error) {
    fuzz::require(error.httpStatus() >= 400, "a refusal has a status");
    checkAnswer(errorBody(id, error));
  }
}

}  // namespace
}  // namespace scanhost::mcp

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  using namespace scanhost;
  std::string_view text = fuzz::asText(bytes, size);
  mcp::readHeader(fuzz::takeLine(text));
  mcp::readBody(text);
  return 0;
}
