// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// JSON-RPC 2.0 as MCP uses it: messages read, one answer written. Results are passed as the text
/// of their members, so that schemas and scan results are copied once and never parsed here. Values
/// and pure functions; any thread.
#pragma once

#include <scanhost/json.h>

#include <stdexcept>
#include <string>
#include <string_view>

namespace scanhost::mcp {

/// What a request is answered with instead of a result. Caught where requests come in.
class RpcError : public std::runtime_error {
 public:
  RpcError(int http_status, int code, const std::string& message, Json data = {})
      : std::runtime_error(message),
        http_status_(http_status),
        code_(code),
        data_(std::move(data)) {}

  int httpStatus() const noexcept { return http_status_; }
  int code() const noexcept { return code_; }
  const Json& data() const noexcept { return data_; }

 private:
  int http_status_;
  int code_;
  Json data_;
};

/// An error of a method that was found: it travels in a 200, so that clients read it.
RpcError invalidParams(const std::string& why, Json data = {});

struct Message {
  enum class Kind { request, notification, response };
  Kind kind = Kind::request;
  Json id;
  std::string method;  ///< empty for a response
  Json params;         ///< an object, or null when absent
  Json result, error;  ///< of a response; one of them is null

  const Json& meta() const { return params["_meta"]; }
};

/// A message, or the array of a batch. Throws RpcError (parse error, invalid request).
Json readDocument(std::string_view body);
/// The id to echo when the rest cannot be read; null when that cannot either.
Json readableId(const Json& document);
/// Throws RpcError (invalid request).
Message readMessage(const Json& document);

/// `members` is the inside of the result object: `"a":1,"b":2`.
std::string resultBody(const Json& id, std::string_view members);
std::string errorBody(const Json& id, const RpcError& error);
std::string requestBody(const Json& id, std::string_view method, const Json& params);
std::string notificationBody(std::string_view method, const Json& params);

/// The inside of an object's text: `{"a":1}` -> `"a":1`.
std::string membersOf(const Json& object);

}  // namespace scanhost::mcp
