// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// One connection to a server, by TLS or plain: requests out, answers in by pieces, everything
/// bounded by timeouts and sizes. A request carries the call's trace as `traceparent`. No redirect
/// is followed. Poco's exceptions end here. For one
/// thread at a time.
#pragma once

#include <Poco/Net/Context.h>
#include <Poco/Net/HTTPResponse.h>
#include <Poco/Net/StreamSocket.h>
#include <scanhost/call.h>

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "plugins/shared/http_client/endpoint.h"
#include "plugins/shared/tls/server_trust.h"

namespace scanhost::http_client {

struct HttpRequest {
  std::string method;
  std::string path;
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;
};

struct HttpHead {
  int status = 0;
  std::optional<std::chrono::seconds> retry_after;
};

/// What the server said to one request.
struct Answer {
  int status = 0;
  std::optional<std::chrono::seconds> retry_after;
  std::string body;

  bool isGood() const { return status >= 200 && status < 300; }
};

/// The exchange broke. What the server did depends on how far it came.
class TransportError : public std::runtime_error {
 public:
  enum class Stage {
    connecting,  ///< nothing was sent
    sent,        ///< the request, or a part of it, was sent, and no status came back
    body,        ///< the status came, and then not the whole answer
  };
  TransportError(Stage stage, const std::string& message)
      : std::runtime_error(message), stage_(stage) {}
  Stage stage() const noexcept { return stage_; }

 private:
  Stage stage_;
};

/// The server was silent for as long as it may be: it may hang, and would then let whatever is
/// asked next wait as long.
class Unanswered : public TransportError {
 public:
  using TransportError::TransportError;
};

class Connection {
 public:
  /// Gets an answer's body piece by piece.
  using Receiver = std::function<void(const HttpHead&, std::string_view piece)>;

  /// Nothing is connected yet. Throws PluginError (config) for a CA file that cannot be read.
  explicit Connection(Endpoint endpoint);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  /// Throws TransportError; PluginError (config) when the certificate is refused; PluginError
  /// (cancelled, timeout) when the call ends first, unless a request other than GET was under way,
  /// which is a TransportError. The body of an answer other than 2xx is read as far as it comes.
  HttpHead exchange(const HttpRequest& request, const Receiver& receiver, Call& call);

  /// False when the connection cannot serve another request.
  bool reusable() const { return reusable_; }
  /// The same, after a look at whether the server left it open since; true before the first one.
  bool usable() const;
  std::chrono::steady_clock::time_point lastUse() const { return last_use_; }

 private:
  class Session;
  template <class Base>
  class SessionOf;

  void connect(Call& call);
  void shakeHands(Poco::Net::StreamSocket& socket, Call& call);
  void send(const HttpRequest& request, Call& call);
  HttpHead receive(const HttpRequest& request, const Receiver& receiver, Call& call);
  Poco::Net::HTTPResponse readHead(const HttpRequest& request, Call& call);
  void readBody(std::istream& in, const HttpHead& head, std::int64_t announced,
                const Receiver& receiver, const std::function<void()>& await);
  /// Until the server says something more.
  void awaitBytes(const HttpRequest& request, TransportError::Stage stage, Call& call);

  const Endpoint endpoint_;
  tls::ServerTrust trust_;
  Poco::Net::Context::Ptr context_;  ///< null when not secure
  std::unique_ptr<Session> session_;
  bool reusable_ = false;
  std::chrono::steady_clock::time_point last_use_{};
};

}  // namespace scanhost::http_client
