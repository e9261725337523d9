// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// Routes, requests, answers at once and later, and streams over scanhost.host.http/1.
///
///     route_ = HttpRoute(settings.host(), call, {"POST"}, "/mcp", SCANHOST_ROUTE_CHECK_ORIGIN,
///                        [this](HttpRequest& request, HttpResponse& response) { ... });
#ifndef SCANHOST_HTTP_H
#define SCANHOST_HTTP_H

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "abi/http.h"
#include "host.h"
#include "text.h"

namespace scanhost {
inline namespace v1 {

/// A request, within its handler.
class HttpRequest {
 public:
  explicit HttpRequest(const scanhost_http_request* request) noexcept : request_(request) {}

  std::string_view method() const noexcept { return toView(request_->method); }
  std::string_view path() const noexcept { return toView(request_->path); }
  std::string_view query() const noexcept { return toView(request_->query); }
  std::string_view remoteAddress() const noexcept { return toView(request_->remote_address); }
  const scanhost_caller& caller() const noexcept { return *request_->caller; }
  Call call() const noexcept { return Call(request_->call); }

  std::optional<std::string_view> header(std::string_view name) const noexcept {
    const scanhost_text value = request_->header(request_->context, toText(name));
    if (!value.data) return std::nullopt;
    return toView(value);
  }

  /// The whole body; nothing when it could not be read, and the host has answered.
  std::optional<std::string> readBody() const {
    std::string body;
    std::vector<uint8_t> chunk(16 * 1024);
    for (;;) {
      uint64_t got = 0;
      if (request_->read(request_->context, chunk.data(), chunk.size(), &got) != SCANHOST_OK)
        return std::nullopt;
      if (got == 0) return body;
      body.append(reinterpret_cast<const char*>(chunk.data()), static_cast<std::size_t>(got));
    }
  }

 private:
  const scanhost_http_request* request_;
};

/// An open stream; gives its reference up when destroyed, which closes it. Any thread.
class HttpStream {
 public:
  explicit HttpStream(const scanhost_http_stream* stream) noexcept : stream_(stream) {}
  HttpStream(HttpStream&& other) noexcept : stream_(std::exchange(other.stream_, nullptr)) {}
  HttpStream& operator=(HttpStream&& other) noexcept {
    std::swap(stream_, other.stream_);
    return *this;
  }
  ~HttpStream() {
    if (stream_) stream_->release(stream_->context);
  }

  /// False when the stream has ended, also by this very write.
  bool write(std::string_view bytes) const noexcept {
    return stream_->write(stream_->context, {reinterpret_cast<const uint8_t*>(bytes.data()),
                                             bytes.size()}) == SCANHOST_OK;
  }
  void close() const noexcept { stream_->close(stream_->context); }

 private:
  const scanhost_http_stream* stream_;
};

struct HttpStreamOptions {
  std::function<void()> closed = {};  ///< once, from any thread, whoever ended it
  std::chrono::nanoseconds keep_alive{0};
  std::string keep_alive_bytes = ": keep-alive\n\n";
  uint64_t buffer_bytes = 0;  ///< that may be unsent; 0, or more than the host allows: its limit
};

namespace detail {

/// A function of the plugin's that the host calls once, as its `user`.
class CalledOnce {
 public:
  explicit CalledOnce(std::function<void()> function)
      : function_(std::make_unique<std::function<void()>>(std::move(function))) {}
  void* user() const noexcept { return function_.get(); }
  static void call(void* user) {
    const std::unique_ptr<std::function<void()>> owned(static_cast<std::function<void()>*>(user));
    if (*owned) (*owned)();
  }
  /// The host took it over.
  void release() noexcept { function_.release(); }

 private:
  std::unique_ptr<std::function<void()>> function_;
};

/// `open` is the `stream` of a response or of a deferred answer.
template <class Open>
std::optional<HttpStream> openStream(Open open, void* context, int code, const Pairs& headers,
                                     HttpStreamOptions options) {
  const LentPairs lent(headers);
  CalledOnce closed(std::move(options.closed));
  const scanhost_http_stream_options abi{
      sizeof(scanhost_http_stream_options),
      0,
      closed.user(),
      &CalledOnce::call,
      options.keep_alive.count(),
      {reinterpret_cast<const uint8_t*>(options.keep_alive_bytes.data()),
       options.keep_alive_bytes.size()},
      options.buffer_bytes};
  const scanhost_http_stream* stream = nullptr;
  if (open(context, code, lent, &abi, &stream) != SCANHOST_OK) return std::nullopt;
  closed.release();
  return HttpStream(stream);
}

}  // namespace detail

/// An answer that is still due. Any thread, and never blocks; destroyed unanswered it answers 500.
class HttpDeferred {
 public:
  explicit HttpDeferred(const scanhost_http_deferred* deferred) noexcept : deferred_(deferred) {}
  HttpDeferred(HttpDeferred&& other) noexcept
      : deferred_(std::exchange(other.deferred_, nullptr)) {}
  HttpDeferred& operator=(HttpDeferred&& other) noexcept {
    std::swap(deferred_, other.deferred_);
    return *this;
  }
  ~HttpDeferred() {
    if (deferred_) deferred_->release(deferred_->context);
  }

  /// Answers, once. False when the request is over already: the client went away.
  bool send(int code, const Pairs& headers, std::string_view body) const {
    const LentPairs lent(headers);
    return deferred_->send(deferred_->context, code, lent,
                           {reinterpret_cast<const uint8_t*>(body.data()), body.size()}) ==
           SCANHOST_OK;
  }

  /// Answers with a stream instead. Nothing when the request is over already.
  std::optional<HttpStream> stream(int code, const Pairs& headers,
                                   HttpStreamOptions options) const {
    return detail::openStream(deferred_->stream, deferred_->context, code, headers,
                              std::move(options));
  }

 private:
  const scanhost_http_deferred* deferred_;
};

/// The answer to one request: exactly one of send, stream, defer and forbid.
class HttpResponse {
 public:
  explicit HttpResponse(const scanhost_http_response* response) noexcept : response_(response) {}

  void send(int code, const Pairs& headers, std::string_view body) const {
    const LentPairs lent(headers);
    response_->send(response_->context, code, lent,
                    {reinterpret_cast<const uint8_t*>(body.data()), body.size()});
  }

  /// 403, with word of the scopes that would be needed; see abi/http.h.
  void forbid(const std::vector<std::string>& scopes, const Pairs& headers,
              std::string_view body) const {
    const LentTexts lent_scopes(scopes);
    const LentPairs lent(headers);
    response_->forbid(response_->context, lent_scopes, lent,
                      {reinterpret_cast<const uint8_t*>(body.data()), body.size()});
  }

  /// Nothing when the host has no room for another stream, and has answered so.
  std::optional<HttpStream> stream(int code, const Pairs& headers,
                                   HttpStreamOptions options) const {
    return detail::openStream(response_->stream, response_->context, code, headers,
                              std::move(options));
  }

  /// Lets the handler return and the answer come later, from any thread; read the body before.
  /// `gone` is called once, when the request is over: within the call that answers it, or from
  /// another thread, perhaps before this returns, when the client goes away or the node stops.
  /// Nothing when too many answers are due already; the host answers 503 then.
  std::optional<HttpDeferred> defer(std::function<void()> gone = {}) const {
    detail::CalledOnce called(std::move(gone));
    const scanhost_http_deferred_options abi{sizeof(scanhost_http_deferred_options), 0,
                                             called.user(), &detail::CalledOnce::call};
    const scanhost_http_deferred* deferred = nullptr;
    if (response_->defer(response_->context, &abi, &deferred) != SCANHOST_OK) return std::nullopt;
    called.release();
    return HttpDeferred(deferred);
  }

 private:
  const scanhost_http_response* response_;
};

/// Holds a route mounted. Never destroy it inside its own handler.
class HttpRoute {
 public:
  using Handler = std::function<void(HttpRequest&, HttpResponse&)>;

  HttpRoute() = default;
  /// Throws PluginError when the path is taken.
  HttpRoute(const Host& host, Call& call, const std::vector<std::string>& methods,
            std::string_view path, uint32_t flags, Handler handler)
      : host_(host.abi()),
        http_(&host.service<scanhost_http>(SCANHOST_HTTP_ID, SCANHOST_HTTP_REVISION)),
        handler_(std::make_unique<Handler>(std::move(handler))) {
    const LentTexts lent(methods);
    const scanhost_http_route route{
        sizeof(scanhost_http_route), flags, lent, toText(path), handler_.get(), &HttpRoute::handle};
    detail::throwUnlessOk(http_->route(host_, call.abi(), &route, &handle_));
  }
  HttpRoute(HttpRoute&& other) noexcept { swap(other); }
  HttpRoute& operator=(HttpRoute&& other) noexcept {
    swap(other);
    return *this;
  }
  ~HttpRoute() {
    if (handle_) http_->unroute(host_, handle_);
  }

 private:
  void swap(HttpRoute& other) noexcept {
    std::swap(host_, other.host_);
    std::swap(http_, other.http_);
    std::swap(handler_, other.handler_);
    std::swap(handle_, other.handle_);
  }

  static void handle(void* user, const scanhost_http_request* request,
                     const scanhost_http_response* response) noexcept {
    HttpRequest http_request(request);
    HttpResponse http_response(response);
    detail::guarded(request->call,
                    [&](Call&) { (*static_cast<Handler*>(user))(http_request, http_response); });
  }

  const scanhost_host* host_ = nullptr;
  const scanhost_http* http_ = nullptr;
  std::unique_ptr<Handler> handler_;
  void* handle_ = nullptr;
};

}  // namespace v1
}  // namespace scanhost

#endif
