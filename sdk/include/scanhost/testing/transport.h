// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// Transports under test: a listener and operations that exist in memory.
///
///     TestHost host;
///     TransportServices services(host);
///     services.answer("get_scan_status", R"({"status":"running"})");
///     ... load, create and start the transport ...
///     SCANHOST_EXPECT_EQUAL(services.request("GET", "/rest/operations").code, 200);
#ifndef SCANHOST_TESTING_TRANSPORT_H
#define SCANHOST_TESTING_TRANSPORT_H

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <cstring>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "../abi/host_operations.h"
#include "../abi/http.h"
#include "../transport.h"
#include "host.h"

namespace scanhost {
inline namespace v1 {
namespace plugintest {

struct HttpAnswer {
  /// 404 no such route, 405 another method, 500 the handler sent nothing, 0 it said that the answer
  /// comes later and it did not come in 30 seconds
  int code = 0;
  Pairs headers;
  std::string body;
};

/// The services http and operations, in memory; streams are refused. Requests run on the thread
/// that makes them, which waits for answers that come later. One at a time; it outlives the
/// plugins.
class TransportServices {
 public:
  explicit TransportServices(TestHost& host) {
    current() = this;
    static const scanhost_http http = {{sizeof(scanhost_http), SCANHOST_HTTP_REVISION},
                                       &TransportServices::route,
                                       &TransportServices::unroute};
    static const scanhost_host_operations operations = {
        {sizeof(scanhost_host_operations), SCANHOST_HOST_OPERATIONS_REVISION},
        &TransportServices::list,
        &TransportServices::invoke,
        [](const scanhost_host*, uint64_t) {},
        [](const scanhost_host*, const scanhost_watch*, void**) {
          return scanhost_status{SCANHOST_ERROR_UNSUPPORTED};
        },
        [](const scanhost_host*, void*) {},
        [](const scanhost_host*, uint32_t, scanhost_text) {}};
    host.offer(SCANHOST_HTTP_ID, &http);
    host.offer(SCANHOST_HOST_OPERATIONS_ID, &operations);
  }
  TransportServices(const TransportServices&) = delete;
  TransportServices& operator=(const TransportServices&) = delete;
  ~TransportServices() { current() = nullptr; }

  /// The operation of that name answers `structured`; others are refused. Nothing can be watched.
  void answer(const std::string& operation, const std::string& structured, bool is_error = false) {
    answers_[operation] = {structured, is_error};
  }
  /// What was invoked, with its arguments, in order.
  const Pairs& invoked() const noexcept { return invoked_; }
  std::size_t routes() const noexcept { return routes_.size(); }

  HttpAnswer request(const std::string& method, const std::string& path,
                     const std::string& body = {}, const Pairs& headers = {}) {
    HttpAnswer answer;
    const Route* found = nullptr;
    for (const Route& route : routes_)
      if (route.covers(path)) found = &route;
    if (!found) return answer.code = 404, answer;
    if (std::find(found->methods.begin(), found->methods.end(), method) == found->methods.end())
      return answer.code = 405, answer;
    return handle(*found, method, path, body, headers);
  }

 private:
  struct Route {
    std::string path;
    std::vector<std::string> methods;
    void* user;
    void (*handle)(void*, const scanhost_http_request*, const scanhost_http_response*);
    void* handle_id;

    bool covers(const std::string& asked) const {
      if (path.size() < 2 || path.compare(path.size() - 2, 2, "/*") != 0) return asked == path;
      return asked.compare(0, path.size() - 1, path, 0, path.size() - 1) == 0;
    }
  };
  struct Answer {
    std::string structured;
    bool is_error;
  };
  /// What a handler reads of a request.
  struct Reading {
    std::string_view left;  ///< of the body
    const Pairs& headers;
  };
  static bool isSameName(std::string_view a, std::string_view b) noexcept {
    const auto lowered = [](char c) { return c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c; };
    return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                      [&](char x, char y) { return lowered(x) == lowered(y); });
  }

  /// The one there is: the services' functions are given the host alone.
  static TransportServices*& current() noexcept {
    static TransportServices* one = nullptr;
    return one;
  }

  /// A request until it is answered. A deferred answer shares it.
  struct Exchange {
    std::mutex mutex;
    std::condition_variable answered;
    std::optional<HttpAnswer> answer;
    bool is_deferred = false;
    scanhost_http_deferred_options options{};

    scanhost_status take(HttpAnswer given) {
      const std::lock_guard<std::mutex> lock(mutex);
      if (answer) return SCANHOST_ERROR_CANCELLED;
      answer = std::move(given);
      answered.notify_all();
      return SCANHOST_OK;
    }
  };
  /// What a plugin holds of a request it deferred.
  struct Deferred {
    std::shared_ptr<Exchange> exchange;
    scanhost_http_deferred abi{};

    scanhost_status answer(HttpAnswer given) const {
      const scanhost_status status = exchange->take(std::move(given));
      if (status == SCANHOST_OK && exchange->options.gone)
        exchange->options.gone(exchange->options.user);
      return status;
    }
  };

  static HttpAnswer toAnswer(int32_t code, scanhost_pairs headers, scanhost_bytes bytes) {
    return {code, toPairs(headers),
            std::string(reinterpret_cast<const char*>(bytes.data),
                        static_cast<std::size_t>(bytes.size))};
  }

  static scanhost_status defer(void* context, const scanhost_http_deferred_options* options,
                               const scanhost_http_deferred** out) {
    const std::shared_ptr<Exchange>& exchange = *static_cast<std::shared_ptr<Exchange>*>(context);
    auto owned = std::make_unique<Deferred>();
    owned->exchange = exchange;
    exchange->is_deferred = true;
    exchange->options = *options;
    owned->abi.struct_size = sizeof owned->abi;
    owned->abi.context = owned.get();
    owned->abi.send = [](void* self, int32_t code, scanhost_pairs headers, scanhost_bytes bytes) {
      return static_cast<Deferred*>(self)->answer(toAnswer(code, headers, bytes));
    };
    owned->abi.stream = [](void*, int32_t, scanhost_pairs, const scanhost_http_stream_options*,
                           const scanhost_http_stream**) {
      return scanhost_status{SCANHOST_ERROR_UNSUPPORTED};
    };
    owned->abi.release = [](void* self) {
      const std::unique_ptr<Deferred> released(static_cast<Deferred*>(self));
      released->answer({500, {}, {}});
    };
    *out = &owned.release()->abi;
    return SCANHOST_OK;
  }

  static HttpAnswer handle(const Route& route, const std::string& method, const std::string& path,
                           const std::string& text, const Pairs& headers) {
    auto exchange = std::make_shared<Exchange>();
    TestCall call;
    Reading reading{text, headers};
    const scanhost_text role = toText("client");
    const scanhost_text scope = toText("scanhost:scan");
    scanhost_caller caller{};
    caller.struct_size = sizeof caller;
    caller.subject = toText("test");
    caller.roles = {&role, 1};
    caller.scopes = {&scope, 1};
    scanhost_http_request request{};
    request.struct_size = sizeof request;
    request.context = &reading;
    request.method = toText(method);
    request.path = toText(path);
    request.remote_address = toText("127.0.0.1");
    request.caller = &caller;
    request.call = call.abi();
    request.header = [](void* context, scanhost_text name) {
      for (const auto& [own_name, value] : static_cast<Reading*>(context)->headers)
        if (isSameName(own_name, toView(name))) return toText(value);
      return scanhost_text{nullptr, 0};
    };
    request.read = [](void* context, uint8_t* buffer, uint64_t size, uint64_t* got) {
      std::string_view& left = static_cast<Reading*>(context)->left;
      *got = std::min<uint64_t>(size, left.size());
      if (*got != 0) std::memcpy(buffer, left.data(), static_cast<std::size_t>(*got));
      left.remove_prefix(static_cast<std::size_t>(*got));
      return scanhost_status{SCANHOST_OK};
    };
    scanhost_http_response response{};
    response.struct_size = sizeof response;
    response.context = &exchange;
    response.send = [](void* context, int32_t code, scanhost_pairs sent, scanhost_bytes bytes) {
      return (*static_cast<std::shared_ptr<Exchange>*>(context))
          ->take(toAnswer(code, sent, bytes));
    };
    response.defer = &TransportServices::defer;
    response.forbid = [](void* context, scanhost_texts, scanhost_pairs sent,
                         scanhost_bytes bytes) {
      return (*static_cast<std::shared_ptr<Exchange>*>(context))
          ->take(toAnswer(403, sent, bytes));
    };
    response.stream = [](void*, int32_t, scanhost_pairs, const scanhost_http_stream_options*,
                         const scanhost_http_stream**) {
      return scanhost_status{SCANHOST_ERROR_UNSUPPORTED};
    };
    route.handle(route.user, &request, &response);
    std::unique_lock<std::mutex> lock(exchange->mutex);
    if (exchange->is_deferred)
      exchange->answered.wait_for(lock, std::chrono::seconds(30),
                                  [&] { return exchange->answer.has_value(); });
    if (exchange->answer) return *exchange->answer;
    return {exchange->is_deferred ? 0 : 500, {}, {}};
  }

  static scanhost_status route(const scanhost_host*, const scanhost_call* call,
                               const scanhost_http_route* route, void** handle) {
    TransportServices& self = *current();
    const std::string path = toString(route->path);
    for (const Route& other : self.routes_)
      if (other.path == path)
        return ::scanhost::detail::report(call, ErrorClass::config, path + " is taken");
    *handle = reinterpret_cast<void*>(++self.last_handle_);
    self.routes_.push_back({path, toStrings(route->methods), route->user, route->handle, *handle});
    return SCANHOST_OK;
  }
  static void unroute(const scanhost_host*, void* handle) {
    auto& routes = current()->routes_;
    routes.erase(std::remove_if(routes.begin(), routes.end(),
                                [&](const Route& route) { return route.handle_id == handle; }),
                 routes.end());
  }

  static scanhost_status list(const scanhost_host*, int32_t what, const scanhost_caller*,
                              scanhost_text, const scanhost_listing_sink* sink) {
    if (what != SCANHOST_LIST_OPERATIONS) return SCANHOST_OK;
    for (const auto& [name, answer] : current()->answers_) {
      const scanhost_text empty = toText("{\"type\":\"object\"}");
      const scanhost_operation operation{
          sizeof(scanhost_operation), 0, toText(name), toText(name), toText(name), empty, empty};
      const scanhost_status status = sink->operation(sink->context, &operation);
      if (status != SCANHOST_OK) return status;
    }
    return SCANHOST_OK;
  }
  static void invoke(const scanhost_host*, const scanhost_invocation* invocation,
                     uint64_t* handle) {
    TransportServices& self = *current();
    const std::string name = toString(invocation->request->name);
    self.invoked_.emplace_back(name, toString(invocation->request->arguments));
    *handle = self.invoked_.size();
    const scanhost_reply& reply = invocation->reply;
    const auto found = self.answers_.find(name);
    if (found == self.answers_.end())
      return reply.refused(reply.context, toText("unknown"), toText(name), {});
    const scanhost_text structured = toText(found->second.structured);
    reply.result(reply.context, structured, found->second.is_error ? 1 : 0);
  }

  std::vector<Route> routes_;
  std::uintptr_t last_handle_ = 0;
  std::map<std::string, Answer> answers_;
  Pairs invoked_;
};

}  // namespace plugintest
}  // namespace v1
}  // namespace scanhost

#endif
