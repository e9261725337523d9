// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "host/http/exchange.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <exception>

#include "host/base/caller.h"
#include "host/http/challenge.h"

namespace scanhost::http {
namespace {

ErrorClass classOf(int status) {
  switch (status) {
    case 408: return ErrorClass::timeout;
    case 499: return ErrorClass::lost;
    default: return ErrorClass::config;
  }
}

int validStatus(int status) {
  return status >= 200 && status <= 599 ? status : 500;
}

/// Whole seconds, at least one.
std::string retryAfter(std::chrono::nanoseconds wait) {
  const auto seconds = std::chrono::ceil<std::chrono::seconds>(wait).count();
  return std::to_string(std::max<std::int64_t>(1, seconds));
}

/// The stream as its holders see it.
class ConnectionStream final : public Stream {
 public:
  explicit ConnectionStream(std::shared_ptr<Connection> connection)
      : connection_(std::move(connection)) {}
  ~ConnectionStream() override { connection_->streamClose(); }
  bool write(std::string_view bytes) override { return connection_->streamWrite(bytes); }
  bool waitForRoom(std::size_t bytes, std::chrono::milliseconds timeout) override {
    return connection_->streamWaitForRoom(bytes, timeout);
  }
  void close() override { connection_->streamClose(); }
  bool isOpen() const override { return connection_->isStreamOpen(); }
  void onClose(CloseCallback callback) override { connection_->streamOnClose(std::move(callback)); }

 private:
  const std::shared_ptr<Connection> connection_;
};

/// The deferred answer as its holders see it.
class ConnectionDeferred final : public Deferred {
 public:
  explicit ConnectionDeferred(std::shared_ptr<Connection> connection)
      : connection_(std::move(connection)) {}
  ~ConnectionDeferred() override {
    if (answered_) return;
    const Refusal words = refusalOf(500);
    connection_->deferredRespond(
        500, {{"Content-Type", "application/json"}},
        errorBody(500, words.error, words.code, "The request could not be served"));
  }

  bool send(int status, const Headers& headers, std::string body) override {
    if (answered_.exchange(true)) return false;
    return connection_->deferredRespond(validStatus(status), headers, body);
  }
  Result<std::shared_ptr<Stream>> stream(int status, const Headers& headers,
                                         StreamOptions options) override {
    if (answered_.exchange(true))
      return fail(ErrorClass::internal, "the request has been answered already");
    if (!connection_->deferredStream(status, headers, std::move(options)))
      return fail(ErrorClass::lost, "the client went away");
    return std::make_shared<ConnectionStream>(connection_);
  }

 private:
  const std::shared_ptr<Connection> connection_;
  std::atomic<bool> answered_{false};
};

class ServedRequest final : public Request, public Response {
 public:
  ServedRequest(const std::shared_ptr<Core>& core, const std::shared_ptr<Connection>& connection,
                std::shared_ptr<RouteEntry::Use> use)
      : core_(*core),
        connection_(connection),
        use_(std::move(use)),
        head_kept_(connection->head()),
        head_(*head_kept_),
        max_body_(use_->route().max_body.value_or(core_.options.limits.body_bytes)),
        remote_(remoteOf()) {}

  void run() {
    if (!isFromUs() || !findCaller() || !isBodyAcceptable()) return;
    try {
      use_->route().handler(*this, *this);
    } catch (const std::exception& error) {
      handlerFailed(error.what());
    } catch (...) {
      handlerFailed("an exception of unknown type");
    }
    answerForHandler();
  }

  const std::string& method() const override { return head_.method; }
  const std::string& path() const override { return head_.path; }
  const std::string& query() const override { return head_.query; }
  std::optional<std::string_view> header(std::string_view name) const override {
    return head_.header(name);
  }
  const Headers& headers() const override { return head_.headers; }
  const std::string& remoteAddress() const override { return remote_; }
  bool isSecure() const override { return connection_->peer().secure; }
  std::optional<PeerCredentials> peerCredentials() const override {
    return connection_->peer().credentials;
  }
  std::optional<ClientCertificate> clientCertificate() const override {
    return connection_->clientCertificate();
  }
  const Caller& caller() const override { return caller_; }
  bool isPeerGone() const override { return connection_->isPeerGone(); }

  Result<std::size_t> read(std::span<char> buffer) override {
    if (sent_) return fail(ErrorClass::internal, "the request has been answered; its body is gone");
    const auto count = connection_->readBody(buffer, max_body_);
    if (count) return *count;
    failure_ = count.error();
    return fail(classOf(failure_->status), failure_->message);
  }

  Result<std::string> readBody(std::size_t max) override {
    std::string body;
    std::array<char, 16 << 10> buffer;
    for (;;) {
      const auto count = read(buffer);
      if (!count) return tl::unexpected(count.error());
      if (*count == 0) return body;
      if (body.size() + *count > max) {
        failure_ = HttpError{413, "The body is larger than " + std::to_string(max) + " bytes"};
        return fail(ErrorClass::config, failure_->message);
      }
      body.append(buffer.data(), *count);
    }
  }

  void send(int status, const Headers& headers, std::string body) override {
    if (std::exchange(sent_, true)) return;
    connection_->respond(validStatus(status), headers, body);
  }

  void forbid(const std::vector<std::string>& scopes, Headers headers, std::string body) override {
    headers.emplace_back("WWW-Authenticate", challenge("insufficient_scope", scopes));
    send(403, headers, std::move(body));
  }

  Result<std::shared_ptr<Stream>> stream(int status, const Headers& headers,
                                         StreamOptions options) override {
    if (auto room = findRoom(); !room) return tl::unexpected(room.error());
    sent_ = true;
    if (!connection_->beginStream(status, headers, std::move(options), use_))
      return fail(ErrorClass::lost, "the client went away");
    return std::make_shared<ConnectionStream>(connection_);
  }

  Result<std::shared_ptr<Deferred>> defer(std::function<void()> over) override {
    if (auto room = findRoom(); !room) return tl::unexpected(room.error());
    sent_ = true;
    if (!connection_->beginDeferred(std::move(over), use_))
      return fail(ErrorClass::lost, "the client went away");
    return std::make_shared<ConnectionDeferred>(connection_);
  }

  bool isSent() const override { return sent_; }

 private:
  /// For what outlives its handler.
  Status findRoom() {
    if (sent_) return fail(ErrorClass::internal, "the request has been answered already");
    if (core_.stopping)
      failure_ = HttpError{503, "The service is stopping"};
    else if (!core_.hasRoomForStream())
      failure_ = HttpError{503, "Too many streams and long requests are open"};
    else
      return {};
    return fail(ErrorClass::busy, failure_->message);
  }

  std::string remoteOf() const {
    const auto& address = connection_->peer().address;
    if (!address || !core_.proxies.contains(*address)) return connection_->peer().text;
    std::string forwarded;
    for (const auto& [name, value] : head_.headers)
      if (equalsIgnoringCase(name, "X-Forwarded-For"))
        forwarded += (forwarded.empty() ? "" : ",") + value;
    return core_.proxies.clientOf(*address, forwarded);
  }

  void refuse(int status, std::string_view message, Headers headers = {}) {
    const Refusal words = refusalOf(status);
    sendError(status, words.error, words.code, message, std::move(headers));
  }

  bool isFromUs() {
    if (!use_->route().check_origin || !connection_->peer().address) return true;
    switch (core_.guard.check(head_.host, head_.header("Origin"))) {
      case OriginGuard::Verdict::ok: return true;
      case OriginGuard::Verdict::bad_host:
        refuse(421, "This Host is not served here; an operator may name it in http.public_url");
        return false;
      case OriginGuard::Verdict::bad_origin: break;
    }
    refuse(403, "This Origin may not call; an operator may name it in http.public_url");
    return false;
  }

  bool findCaller() {
    if (use_->route().open || !core_.resolver) return true;
    auto caller = core_.resolver(*this);
    if (!caller) {
      refuseCaller(caller.error());
      return false;
    }
    caller_ = std::move(*caller);
    return isCallerAllowed();
  }

  bool isCallerAllowed() {
    if (caller_.roles.empty()) {
      refuse(403, "The token is good for nothing here",
             {{"WWW-Authenticate",
               challenge("insufficient_scope", core_.options.challenge.first_scopes)}});
      return false;
    }
    const auto& roles = use_->route().roles;
    if (roles.empty() || std::any_of(roles.begin(), roles.end(), [&](const std::string& role) {
          return caller_.roles.count(role) != 0;
        }))
      return true;
    std::vector<std::string> scopes;
    for (const std::string& name : roles)
      if (const auto role = roleNamed(name)) scopes.emplace_back(scopeOf(*role));
    refuse(403, "This needs another role",
           {{"WWW-Authenticate", challenge("insufficient_scope", scopes)}});
    return false;
  }

  std::string challenge(std::string_view error, const std::vector<std::string>& scopes) const {
    return challengeOf(core_.options.challenge, use_->route(), error, scopes);
  }

  void refuseCaller(const Error& error) {
    if (core_.hooks.on_auth_failure && error.error_class != ErrorClass::busy)
      core_.hooks.on_auth_failure(*this, error.message);
    switch (error.error_class) {
      case ErrorClass::auth:
        return refuse(
            401, "A valid token is required",
            {{"WWW-Authenticate", challenge(head_.header("Authorization") ? "invalid_token" : "",
                                            core_.options.challenge.first_scopes)}});
      case ErrorClass::config: return refuse(400, "The Authorization header is malformed");
      case ErrorClass::busy:
        return refuse(429, "You ask too often", {{"Retry-After", retryAfter(error.retry_after)}});
      case ErrorClass::transient:
        return refuse(503, "The caller cannot be verified now", {{"Retry-After", "5"}});
      default: return refuse(500, "The caller could not be verified");
    }
  }

  bool isBodyAcceptable() {
    const bool wants_length =
        head_.method == "POST" || head_.method == "PUT" || head_.method == "PATCH";
    if (wants_length && !head_.chunked && !head_.content_length) {
      refuse(411, "Send a Content-Length, or the body in chunks");
      return false;
    }
    if (head_.content_length.value_or(0) > max_body_) {
      refuse(413, "The body is larger than " + std::to_string(max_body_) + " bytes");
      return false;
    }
    return true;
  }

  void handlerFailed(const std::string& what) {
    if (core_.hooks.on_handler_failure) core_.hooks.on_handler_failure(use_->route().name, what);
    refuse(500, "The request could not be served");
  }

  void answerForHandler() {
    if (sent_) return;
    if (!failure_) return handlerFailed("the handler returned without an answer");
    refuse(failure_->status, failure_->message,
           failure_->status == 503 ? Headers{{"Retry-After", "5"}} : Headers{});
  }

  Core& core_;
  const std::shared_ptr<Connection> connection_;
  const std::shared_ptr<RouteEntry::Use> use_;
  const std::shared_ptr<const RequestHead> head_kept_;
  const RequestHead& head_;
  const std::size_t max_body_;
  const std::string remote_;
  Caller caller_;
  bool sent_ = false;
  std::optional<HttpError> failure_;
};

}  // namespace

void serve(const std::shared_ptr<Core>& core, const std::shared_ptr<Connection>& connection,
           std::shared_ptr<RouteEntry::Use> use) {
  if (!connection->beginWork()) return;
  try {
    ServedRequest(core, connection, std::move(use)).run();
  } catch (const std::exception& error) {
    if (core->hooks.on_handler_failure) core->hooks.on_handler_failure("none", error.what());
    connection->drop();
  }
}

}  // namespace scanhost::http
