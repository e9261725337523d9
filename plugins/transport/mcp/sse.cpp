// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "plugins/transport/mcp/sse.h"

#include <utility>
#include <vector>

#include "plugins/transport/mcp/outlet.h"
#include "plugins/transport/mcp/protocol.h"
#include "plugins/transport/mcp/session_table.h"
#include "plugins/transport/mcp/trace.h"

namespace scanhost::mcp {
namespace {

/// Everything goes to the session's one stream.
class StreamOutlet final : public Outlet {
 public:
  explicit StreamOutlet(std::shared_ptr<EventStream> stream) : stream_(std::move(stream)) {}
  bool canNotify() const override { return true; }
  void notify(const std::string& message) override { stream_->send(message); }
  void respond(int, const std::string& body, Pairs) override { stream_->send(body); }
  using Outlet::respond;
  void drop() override {}
  /// The end of the stream ends the session, which cancels what runs.
  void onGone(std::function<void()>) override {}

 private:
  const std::shared_ptr<EventStream> stream_;
};

/// The value of `sessionId` in a query; ids hold nothing that would be encoded.
std::string_view sessionIdIn(std::string_view query) {
  constexpr std::string_view name = "sessionId=";
  while (!query.empty()) {
    const std::string_view field = query.substr(0, query.find('&'));
    if (field.substr(0, name.size()) == name) return field.substr(name.size());
    query.remove_prefix(std::min(query.size(), field.size() + 1));
  }
  return {};
}

}  // namespace

class Sse::Connection {
 public:
  Connection(std::string id, const scanhost_caller& caller)
      : id_(std::move(id)), caller_(std::make_shared<const OwnedCaller>(caller)) {}

  const std::string& id() const { return id_; }
  const std::shared_ptr<const OwnedCaller>& caller() const { return caller_; }
  const std::shared_ptr<EventStream>& stream() const { return stream_; }

  /// Null before `initialize`.
  std::shared_ptr<Session> session() const {
    const std::lock_guard lock(mutex_);
    return session_;
  }
  /// Null when it has been initialized already.
  std::shared_ptr<Session> initialize(Revision revision, const Json& client) {
    const std::lock_guard lock(mutex_);
    if (session_) return nullptr;
    session_ = std::make_shared<Session>(id_, caller_, revision, client, stream_, EventMemory{});
    return session_;
  }
  void end() {
    if (const auto ending = session()) ending->end();
    stream_->end();
  }

 private:
  const std::string id_;
  const std::shared_ptr<const OwnedCaller> caller_;
  const std::shared_ptr<EventStream> stream_ = std::make_shared<EventStream>(0, EventMemory{});
  mutable std::mutex mutex_;
  std::shared_ptr<Session> session_;
};

void Sse::open(const HttpRequest& request, HttpResponse& response) {
  const auto connection = std::make_shared<Connection>(newSessionId(), request.caller());
  auto place = streams_.take(connection->caller()->subject());
  if (!place) throw RpcError(429, code::internal_error, "too many streams of this client are open");
  {
    const std::lock_guard lock(mutex_);
    connections_.emplace(connection->id(), connection);
  }
  const auto open = [&](std::function<void()> closed) {
    HttpStreamOptions options;
    options.closed = [closed = std::move(closed), place] { closed(); };
    options.keep_alive = config_.keep_alive;
    options.buffer_bytes = config_.stream_buffer;
    return response.stream(200, streamHeaders(), std::move(options));
  };
  const bool opened = connection->stream()->attach(open, 0, [this, connection] {
    connection->end();
    forget(connection->id());
  });
  if (!opened) return forget(connection->id());
  connection->stream()->sendEvent("event: endpoint\ndata: " + config_.sse->endpoint +
                                  "?sessionId=" + connection->id() + "\n\n");
}

std::shared_ptr<Sse::Connection> Sse::find(const HttpRequest& request) const {
  const std::string_view id = sessionIdIn(request.query());
  if (id.empty()) throw RpcError(400, code::invalid_request, "the parameter sessionId is missing");
  const std::lock_guard lock(mutex_);
  const auto found = connections_.find(id);
  if (found == connections_.end() ||
      found->second->caller()->subject() != toView(request.caller().subject))
    throw RpcError(404, code::invalid_request, "there is no such session; open the stream anew");
  return found->second;
}

void Sse::post(const Json& document, const HttpRequest& request, HttpResponse& response) {
  const auto connection = find(request);
  const Message message = readMessage(document);
  const auto outlet = std::make_shared<StreamOutlet>(connection->stream());
  const bool is_request = message.kind == Message::Kind::request;
  if (is_request && message.method == "initialize") {
    const Revision revision = legacy_.negotiate(message);
    const auto session = connection->initialize(revision, message.params["capabilities"]);
    if (!session) throw RpcError(400, code::invalid_request, "the session has been initialized");
    response.send(202, {}, "Accepted");
    outlet->respond(200, resultBody(message.id, legacy_.initializeMembers(revision)));
    return session->watchLists(operations_);
  }
  const auto session = connection->session();
  if (!session) throw RpcError(400, code::invalid_request, "send initialize first");
  const scanhost_trace trace =
      traceOf(request.header("traceparent"), request.header("X-Trace-Id"), message);
  const auto caller = std::make_shared<const OwnedCaller>(request.caller());
  response.send(202, {}, "Accepted");
  if (is_request)
    legacy_.serve(message, session, caller, outlet, trace);
  else
    legacy_.take(message, *session);
}

void Sse::forget(const std::string& id) {
  std::shared_ptr<Connection> forgotten;  // destroyed without the lock
  const std::lock_guard lock(mutex_);
  const auto found = connections_.find(id);
  if (found == connections_.end()) return;
  forgotten = std::move(found->second);
  connections_.erase(found);
}

void Sse::sweep(std::int64_t now_us) {
  std::vector<std::shared_ptr<Connection>> ended;
  {
    const std::lock_guard lock(mutex_);
    for (const auto& [id, connection] : connections_)
      if (connection->caller()->isExpired(now_us)) ended.push_back(connection);
  }
  for (const auto& connection : ended) {
    connection->end();
    forget(connection->id());
  }
}

void Sse::end() {
  std::vector<std::shared_ptr<Connection>> all;
  {
    const std::lock_guard lock(mutex_);
    for (const auto& [id, connection] : connections_) all.push_back(connection);
  }
  for (const auto& connection : all) connection->end();
}

}  // namespace scanhost::mcp
