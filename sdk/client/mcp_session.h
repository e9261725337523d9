// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// An MCP session (revision 2025-11-25, Streamable HTTP) as seen from the client: it opens itself
/// with the first request, opens again when the service has forgotten it, and turns the answer,
/// JSON or event stream, into one result.
///
/// Safe to use from any thread; requests run one after another.
#pragma once

#include <scanhost/client/client.h>

#include <cstdint>
#include <mutex>
#include <string>

#include "sdk/client/deadline.h"
#include "sdk/client/http_connection.h"

namespace scanhost::client {

/// Whether a request may be sent again when the connection broke and nobody knows whether it
/// arrived.
enum class Repeat { never, safe };

class McpSession {
 public:
  /// `options.url` and `options.token` are final here: no environment is read.
  explicit McpSession(const ClientOptions& options);
  /// Tells the service that the session has ended, if that is quick.
  ~McpSession();

  /// The `result` of a JSON-RPC request. Throws the errors of errors.h.
  Json request(const std::string& method, Json params, Repeat repeat);
  /// A GET beside the MCP endpoint, outside of the session and without token.
  ProbeAnswer probe(const std::string& path);
  /// The body of a GET with the token, piece by piece and of any size. `path` is the whole path.
  void download(const std::string& path, const std::function<void(std::string_view)>& piece);

  const std::string& url() const noexcept { return url_; }
  std::chrono::milliseconds timeout() const noexcept { return options_.timeout; }
  void log(const std::string& level, const std::string& message) const;

 private:
  struct Answer;

  void open(const Deadline& deadline);
  Json requestInSession(const std::string& method, const Json& params, Repeat repeat,
                        const Deadline& deadline);
  Json callOnce(const std::string& method, const Json& params, Repeat repeat,
                const Deadline& deadline);
  Json exchange(const std::string& method, const Json& params, const Deadline& deadline);
  void notify(const std::string& method, const Deadline& deadline);
  void resume(Answer& answer, const Deadline& deadline);
  void answerServerRequest(const Json& request, const Deadline& deadline);
  bool take(const Json& message, Answer& answer, const Deadline& deadline);
  void takeNotification(const Json& message, const Answer& answer) const;
  HttpHead send(const HttpRequest& request, Answer& answer, const Deadline& deadline);
  HttpRequest newRequest(const std::string& http_method, std::string body) const;
  void checkStatus(const HttpHead& head, const std::string& body) const;

  ClientOptions options_;
  Endpoint endpoint_;
  std::string url_;
  std::mutex mutex_;
  HttpConnection connection_;
  bool open_ = false;
  std::string session_id_;
  std::string protocol_version_;
  std::int64_t last_id_ = 0;
};

}  // namespace scanhost::client
