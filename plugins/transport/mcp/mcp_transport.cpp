// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "plugins/transport/mcp/mcp_transport.h"

#include <chrono>
#include <utility>

#include "plugins/transport/mcp/headers.h"
#include "plugins/transport/mcp/protocol.h"

namespace scanhost {
namespace {

/// How often what has changed is looked at, and how many looks make one at everything.
constexpr std::chrono::milliseconds look_interval(100);
constexpr int looks_per_sweep = 10;

/// The body, or nothing when it could not be read and the host has answered.
std::optional<Json> readBody(const HttpRequest& request) {
  if (!mcp::isJsonType(request.header("Content-Type").value_or("")))
    throw mcp::RpcError(415, mcp::code::invalid_request, "Content-Type must be application/json");
  const auto body = request.readBody();
  if (!body) return std::nullopt;
  return mcp::readDocument(*body);
}

}  // namespace

McpTransport::McpTransport(const Settings& settings)
    : host_(settings.host()),
      config_(settings),
      operations_(host_),
      streams_(config_.max_streams_per_client),
      tools_(operations_),
      waits_(operations_),
      requests_(operations_, tools_, waits_, config_.errors_as_results),
      stateless_(config_, operations_, tools_, requests_, streams_),
      legacy_(config_, operations_, requests_),
      sessions_(config_, operations_, legacy_, streams_),
      sse_(config_, operations_, legacy_, streams_) {}

McpTransport::~McpTransport() {
  end();
}

void McpTransport::start(Call& call) {
  watchLists();
  tools_.learn();
  mount(call, {"POST", "GET", "DELETE"}, config_.path, &McpTransport::serve);
  if (config_.sse) {
    mount(call, {"GET"}, config_.sse->path, &McpTransport::serveStream);
    mount(call, {"POST"}, config_.sse->messages, &McpTransport::serveMessages);
  }
  stopping_ = false;
  looking_ = std::thread([this] { lookAfter(); });
  Json revisions = Json::array();
  for (auto name = mcp::revision_names.rbegin(); name != mcp::revision_names.rend(); ++name)
    if (mcp::revisionOf(*name) != mcp::Revision::r2024_11_05 || config_.sse) revisions.push(*name);
  Json tools = Json::array();
  for (const std::string& name : tools_.names()) tools.push(name);
  call.log(LogLevel::info, "mcp_server_initialized",
           Json::object({{"path", config_.path},
                         {"protocol_versions", std::move(revisions)},
                         {"tools", std::move(tools)}}));
}

void McpTransport::mount(Call& call, const std::vector<std::string>& methods,
                         const std::string& path, Handler handler) {
  routes_.emplace_back(host_, call, methods, path,
                       path == config_.path ? SCANHOST_ROUTE_CHECK_ORIGIN | SCANHOST_ROUTE_RESOURCE
                                            : SCANHOST_ROUTE_CHECK_ORIGIN,
                       [this, handler](HttpRequest& request, HttpResponse& response) {
                         Json id;
                         try {
                           (this->*handler)(request, response, id);
                         } catch (const mcp::RpcError& error) {
                           response.send(error.httpStatus(), {{"Content-Type", "application/json"}},
                                         mcp::errorBody(id, error));
                         }
                       });
}

void McpTransport::serve(const HttpRequest& request, HttpResponse& response, Json& id) {
  const auto named = mcp::revisionOf(request.header(mcp::header::protocol_version).value_or(""));
  const bool stateless = named && mcp::isStateless(*named);
  if (stateless && request.method() != "POST")
    return response.send(405, {{"Allow", "POST"}}, "Revision 2026-07-28 has POST alone\n");
  if (request.method() == "DELETE") return sessions_.end(request, response);
  if (request.method() == "GET") return sessions_.get(request, response);
  if (request.method() != "POST") return response.send(405, {{"Allow", "GET, POST, DELETE"}}, {});
  const auto document = readBody(request);
  if (!document) return;
  id = mcp::readableId(*document);
  if (document->isObject()) {
    const mcp::Message message = mcp::readMessage(*document);
    if (mcp::Stateless::serves(message, request.header(mcp::header::protocol_version)))
      return stateless_.serve(message, request, response);
  } else if (stateless) {
    throw mcp::RpcError(400, mcp::code::invalid_request,
                        "this revision has no batches; send one message");
  }
  sessions_.post(*document, request, response);
}

void McpTransport::serveStream(const HttpRequest& request, HttpResponse& response, Json&) {
  if (request.method() != "GET") return response.send(405, {{"Allow", "GET"}}, {});
  sse_.open(request, response);
}

void McpTransport::serveMessages(const HttpRequest& request, HttpResponse& response, Json& id) {
  const auto document = readBody(request);
  if (!document) return;
  id = mcp::readableId(*document);
  sse_.post(*document, request, response);
}

/// Before anybody else watches, so that a client who hears of a change lists anew what is new.
void McpTransport::watchLists() {
  const scanhost_text role = toText("operator");
  scanhost_caller everything{};
  everything.struct_size = sizeof everything;
  everything.subject = toText("node");
  everything.roles = {&role, 1};
  lists_watch_ =
      operations_.watch(everything, SCANHOST_CHANGED_OPERATIONS | SCANHOST_CHANGED_PROMPTS, {}, {},
                        [this](std::uint32_t, std::string_view) {
                          requests_.forgetLists();
                          tools_changed_ = true;
                        });
}

void McpTransport::lookAfter() {
  int looks = 0;
  std::unique_lock lock(mutex_);
  while (!stopped_.wait_for(lock, look_interval, [this] { return stopping_; })) {
    lock.unlock();
    if (tools_changed_.exchange(false)) tools_.learn();
    const bool sweep = ++looks % looks_per_sweep == 0;
    waits_.look(sweep);
    const std::int64_t now_us = std::chrono::duration_cast<std::chrono::microseconds>(
                                    std::chrono::system_clock::now().time_since_epoch())
                                    .count();
    if (sweep || config_.poll.count() > 0) sessions_.sweep(now_us);
    if (sweep) {
      stateless_.sweep(now_us);
      sse_.sweep(now_us);
    }
    lock.lock();
  }
}

void McpTransport::drain(Call&) {
  stateless_.drain();
  sessions_.drain();
  sse_.end();
}

void McpTransport::stop(Call&) {
  end();
}

void McpTransport::end() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
    stopped_.notify_all();
  }
  if (looking_.joinable()) looking_.join();
  lists_watch_.reset();
  stateless_.drain();
  waits_.end();
  sessions_.stop();
  sse_.end();
  routes_.clear();
}

}  // namespace scanhost
