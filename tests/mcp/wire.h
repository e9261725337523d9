// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// MCP over plain sockets, message by message, for what no client library would send or show.
#pragma once

#include <scanhost/json.h>

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "host/http/test_client.h"

namespace scanhost::integration {

using HeaderList = std::vector<std::pair<std::string, std::string>>;

/// `with` over `base`, by name; an empty value takes one away.
HeaderList over(HeaderList base, const HeaderList& with);

struct HttpAnswer {
  int status = 0;
  std::string head;
  std::string text;  ///< the body
  Json body;         ///< the same where it is JSON; of a stream its last message

  /// Empty when there is none.
  std::string header(const std::string& name) const;
  std::int64_t code() const { return body["error"]["code"].asInteger(); }
};

struct Event {
  std::string id;
  std::string name;  ///< of its field `event`
  std::string data;
  std::string comment;
  std::optional<int> retry;

  Json json() const { return Json::tryParse(data).value_or(Json()); }
};

/// A stream of server-sent events.
class EventStream {
 public:
  /// Sends the request and reads the head of its answer.
  EventStream(std::uint16_t port, const std::string& request);

  const HttpAnswer& answer() const { return answer_; }
  /// The next event; comments are events too when `comments` is set. Nothing when the stream ended
  /// or the time is up first.
  std::optional<Event> next(std::chrono::milliseconds limit = std::chrono::seconds(10),
                            bool comments = false);
  /// The next message, which is a JSON object; null when none came.
  Json message(std::chrono::milliseconds limit = std::chrono::seconds(10));
  /// Waits for its end, and passes over what still comes.
  bool ends(std::chrono::milliseconds limit = std::chrono::seconds(10));
  void hangUp() { client_.hangUp(); }

 private:
  http::TestClient client_;
  HttpAnswer answer_;
  std::string received_;
};

/// An endpoint that speaks MCP. Each call has a connection of its own.
class Wire {
 public:
  explicit Wire(std::uint16_t port, std::string path = "/mcp")
      : port_(port), path_(std::move(path)) {}

  /// Adds nothing but Host and Content-Length.
  HttpAnswer send(const std::string& method, const HeaderList& headers,
                  const std::string& body = {}) const;
  EventStream stream(const std::string& method, const HeaderList& headers,
                     const std::string& body = {}) const;

  /// A request of revision 2026-07-28, with the headers that go with it, `with` over them.
  HttpAnswer modern(const std::string& method, const Json& params = Json::object(),
                    const HeaderList& with = {}) const;
  EventStream modernStream(const std::string& method, const Json& params = Json::object(),
                           const HeaderList& with = {}) const;

 private:
  std::string requestText(const std::string& method, const HeaderList& headers,
                          const std::string& body) const;

  std::uint16_t port_;
  std::string path_;
};

/// A session of an older revision.
class Session {
 public:
  Session(const Wire& wire, const std::string& revision, const Json& capabilities = Json::object());

  const std::string& id() const { return id_; }
  /// What initialize answered.
  const Json& opened() const { return opened_; }
  /// What every request in it carries.
  HeaderList headers() const;

  HttpAnswer post(const Json& message, const HeaderList& with = {}) const;
  HttpAnswer call(const std::string& method, const Json& params = Json::object(),
                  const Json& id = 1) const;
  EventStream callStream(const std::string& method, const Json& params = Json::object(),
                         const Json& id = 1) const;
  /// The stream that answers no request.
  EventStream listen(const HeaderList& with = {}) const;

 private:
  const Wire& wire_;
  std::string revision_;
  std::string id_;
  Json opened_;
};

Json requestOf(const std::string& method, const Json& params = Json::object(), const Json& id = 1);
Json notificationOf(const std::string& method, const Json& params = Json::object());
/// Parameters of tools/call.
Json toolCall(const std::string& name, const Json& arguments = Json::object());
/// The headers and `_meta` of revision 2026-07-28.
HeaderList modernHeaders(const std::string& method, const Json& params = Json::object());
Json withMeta(Json params, const Json& capabilities = Json::object());
/// What modern requests in these tests say that their client can do.
Json allCapabilities();

}  // namespace scanhost::integration
