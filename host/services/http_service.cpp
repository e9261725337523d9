// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "host/services/http_service.h"

#include <scanhost/call.h>
#include <scanhost/text.h>

#include <deque>
#include <memory>
#include <string>
#include <utility>

#include "host/abi/host_call.h"
#include "host/abi/plugin_host.h"
#include "host/http/head.h"
#include "host/services/caller_abi.h"

namespace scanhost {
namespace {

/// A plugin's handler and what it wants to be called with; copied, for the plugin's struct is gone
/// after `route`.
struct PluginHandler {
  void* user;
  void (*handle)(void* user, const scanhost_http_request*, const scanhost_http_response*);
};

/// A stream of a plugin, kept by it until it calls `release`.
struct PluginStream {
  std::shared_ptr<http::Stream> stream;
  scanhost_http_stream abi{};

  static scanhost_status write(void* context, scanhost_bytes bytes) {
    auto& self = *static_cast<PluginStream*>(context);
    const std::string_view view(reinterpret_cast<const char*>(bytes.data),
                                static_cast<std::size_t>(bytes.size));
    if (self.stream->write(view)) return SCANHOST_OK;
    return SCANHOST_ERROR_CANCELLED;
  }
  static void close(void* context) { static_cast<PluginStream*>(context)->stream->close(); }
  static void release(void* context) { delete static_cast<PluginStream*>(context); }
};

http::Headers toHeaders(scanhost_pairs pairs) {
  return toPairs(pairs);
}

std::string toBody(scanhost_bytes bytes) {
  return {reinterpret_cast<const char*>(bytes.data), static_cast<std::size_t>(bytes.size)};
}

http::StreamOptions toOptions(const scanhost_http_stream_options& options) {
  http::StreamOptions wanted;
  wanted.keep_alive = std::chrono::duration_cast<std::chrono::milliseconds>(
      std::chrono::nanoseconds(options.keep_alive_ns));
  wanted.keep_alive_bytes = toBody(options.keep_alive);
  wanted.buffer_bytes = static_cast<std::size_t>(options.buffer_bytes);
  return wanted;
}

const scanhost_http_stream* lend(std::shared_ptr<http::Stream> opened,
                                 const scanhost_http_stream_options& options) {
  auto owned = std::make_unique<PluginStream>();
  owned->stream = std::move(opened);
  owned->abi = {
      sizeof(scanhost_http_stream), 0, owned.get(), &PluginStream::write, &PluginStream::close,
      &PluginStream::release};
  owned->stream->onClose([user = options.user, closed = options.closed](http::StreamEnd) {
    if (closed) closed(user);
  });
  return &owned.release()->abi;
}

/// A deferred answer of a plugin, kept by it until it calls `release`.
struct PluginDeferred {
  std::shared_ptr<http::Deferred> deferred;
  scanhost_http_deferred abi{};

  static scanhost_status send(void* context, int32_t code, scanhost_pairs headers,
                              scanhost_bytes body) {
    auto& self = *static_cast<PluginDeferred*>(context);
    return self.deferred->send(code, toHeaders(headers), toBody(body)) ? SCANHOST_OK
                                                                       : SCANHOST_ERROR_CANCELLED;
  }
  static scanhost_status stream(void* context, int32_t code, scanhost_pairs headers,
                                const scanhost_http_stream_options* options,
                                const scanhost_http_stream** out) {
    auto& self = *static_cast<PluginDeferred*>(context);
    auto opened = self.deferred->stream(code, toHeaders(headers), toOptions(*options));
    if (!opened) return SCANHOST_ERROR_CANCELLED;
    *out = lend(std::move(*opened), *options);
    return SCANHOST_OK;
  }
  static void release(void* context) { delete static_cast<PluginDeferred*>(context); }
};

struct ResponseContext {
  http::Response& response;

  static scanhost_status send(void* context, int32_t code, scanhost_pairs headers,
                              scanhost_bytes body) {
    auto& self = *static_cast<ResponseContext*>(context);
    self.response.send(code, toHeaders(headers), toBody(body));
    return SCANHOST_OK;
  }

  static scanhost_status stream(void* context, int32_t code, scanhost_pairs headers,
                                const scanhost_http_stream_options* options,
                                const scanhost_http_stream** out) {
    auto& self = *static_cast<ResponseContext*>(context);
    auto opened = self.response.stream(code, toHeaders(headers), toOptions(*options));
    if (!opened) return SCANHOST_ERROR_BUSY;
    *out = lend(std::move(*opened), *options);
    return SCANHOST_OK;
  }

  static scanhost_status forbid(void* context, scanhost_texts scopes, scanhost_pairs headers,
                                scanhost_bytes body) {
    auto& self = *static_cast<ResponseContext*>(context);
    self.response.forbid(toStrings(scopes), toHeaders(headers), toBody(body));
    return SCANHOST_OK;
  }

  static scanhost_status defer(void* context, const scanhost_http_deferred_options* options,
                               const scanhost_http_deferred** out) {
    auto& self = *static_cast<ResponseContext*>(context);
    auto owned = std::make_unique<PluginDeferred>();
    auto deferred = self.response.defer([user = options->user, gone = options->gone] {
      if (gone) gone(user);
    });
    if (!deferred) return SCANHOST_ERROR_BUSY;
    owned->deferred = std::move(*deferred);
    owned->abi = {sizeof(scanhost_http_deferred),
                  0,
                  owned.get(),
                  &PluginDeferred::send,
                  &PluginDeferred::stream,
                  &PluginDeferred::release};
    *out = &owned.release()->abi;
    return SCANHOST_OK;
  }
};

struct RequestContext {
  http::Request& request;
  std::deque<std::string> joined = {};  // values that were several, for the handler's time

  static scanhost_text header(void* context, scanhost_text name) {
    auto& self = *static_cast<RequestContext*>(context);
    const std::string* value = nullptr;
    bool is_joined = false;
    for (const auto& [key, given] : self.request.headers()) {
      if (!http::equalsIgnoringCase(key, toView(name))) continue;
      if (!value) {
        value = &given;
      } else {
        if (!std::exchange(is_joined, true)) value = &self.joined.emplace_back(*value);
        self.joined.back().append(", ").append(given);
      }
    }
    return value ? toText(*value) : scanhost_text{};
  }
  static scanhost_status read(void* context, uint8_t* buffer, uint64_t size, uint64_t* got) {
    auto& self = *static_cast<RequestContext*>(context);
    const auto read = self.request.read(
        std::span(reinterpret_cast<char*>(buffer), static_cast<std::size_t>(size)));
    if (!read) return static_cast<scanhost_status>(read.error().error_class);
    *got = *read;
    return SCANHOST_OK;
  }
};

void serve(const PluginHandler& handler, const PluginEventSink* events, RunningRequests& running,
           http::Request& request, http::Response& response) {
  const RunningRequests::Entry entry(running, request);
  HostCall call({.cancel = entry.cancel(), .events = events});
  const LentCaller caller(request.caller());
  RequestContext request_context{request};
  ResponseContext response_context{response};
  const scanhost_http_request abi_request{sizeof(scanhost_http_request),
                                          0,
                                          &request_context,
                                          toText(request.method()),
                                          toText(request.path()),
                                          toText(request.query()),
                                          toText(request.remoteAddress()),
                                          caller.abi(),
                                          call.abi(),
                                          &RequestContext::header,
                                          &RequestContext::read};
  const scanhost_http_response abi_response{sizeof(scanhost_http_response),
                                            0,
                                            &response_context,
                                            &ResponseContext::send,
                                            &ResponseContext::stream,
                                            &ResponseContext::defer,
                                            &ResponseContext::forbid};
  handler.handle(handler.user, &abi_request, &abi_response);
}

}  // namespace

HttpService::HttpService(std::vector<http::Listener*> listeners, DescribeResource describe,
                         OnMount on_mount)
    : listeners_(std::move(listeners)),
      describe_(std::move(describe)),
      on_mount_(std::move(on_mount)) {
  table_.base = {sizeof(scanhost_http), SCANHOST_HTTP_REVISION};
  table_.route = &HttpService::route;
  table_.unroute = &HttpService::unroute;
  table_.owner = this;
}

void HttpService::registerIn(ServiceRegistry& services) {
  services.add(SCANHOST_HTTP_ID, &table_.base);
}

scanhost_status HttpService::route(const scanhost_host* host, const scanhost_call* call,
                                   const scanhost_http_route* route, void** handle) {
  return detail::guarded(call, [&](Call&) {
    auto& owner = *PluginHost::service<Table>(host, SCANHOST_HTTP_ID)->owner;
    const PluginHandler handler{route->user, route->handle};
    const PluginEventSink* events = PluginHost::of(host).events();
    http::Route mounted;
    mounted.methods = toStrings(route->methods);
    mounted.path = toString(route->path);
    mounted.name = mounted.path;
    mounted.open = (route->flags & SCANHOST_ROUTE_OPEN) != 0;
    mounted.check_origin = (route->flags & SCANHOST_ROUTE_CHECK_ORIGIN) != 0;
    mounted.handler = [handler, events, &running = owner.running_](http::Request& request,
                                                                   http::Response& response) {
      serve(handler, events, running, request, response);
    };
    mounted.resource = (route->flags & SCANHOST_ROUTE_RESOURCE) != 0;
    auto handles = std::make_unique<Handles>();
    owner.mount(mounted, *handles);
    if (mounted.resource && owner.describe_)
      for (const http::Route& description : owner.describe_(mounted.path))
        owner.mount(description, *handles);
    *handle = handles.release();
  });
}

void HttpService::unroute(const scanhost_host*, void* handle) {
  delete static_cast<Handles*>(handle);
}

void HttpService::mount(const http::Route& route, Handles& handles) const {
  if (on_mount_) on_mount_(route);
  auto mounted = http::mountOnAll(listeners_, route);
  if (!mounted) throw PluginError(mounted.error().error_class, mounted.error().message);
  handles.push_back(std::move(*mounted));
}

}  // namespace scanhost
