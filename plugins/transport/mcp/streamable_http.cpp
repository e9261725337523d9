// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "plugins/transport/mcp/streamable_http.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "plugins/transport/mcp/post_reply.h"
#include "plugins/transport/mcp/protocol.h"
#include "plugins/transport/mcp/trace.h"

namespace scanhost::mcp {
namespace {

constexpr std::size_t max_batch = 100;

bool isInitialize(const Message& message) {
  return message.kind == Message::Kind::request && message.method == "initialize";
}

/// What one POST holds: a message, or those of a batch and what is wrong with the rest of it.
struct Posted {
  std::vector<Message> messages;
  std::vector<std::string> errors;  ///< the answers
};

Posted read(const Json& document, Revision revision) {
  Posted posted;
  if (document.isObject()) {
    posted.messages.push_back(readMessage(document));
    return posted;
  }
  if (!hasBatches(revision))
    throw RpcError(400, code::invalid_request, "this revision has no batches; send one message");
  if (document.size() == 0 || document.size() > max_batch)
    throw RpcError(400, code::invalid_request,
                   "a batch holds 1 to " + std::to_string(max_batch) + " messages");
  for (const Json& item : document.items()) try {
      posted.messages.push_back(readMessage(item));
      if (isInitialize(posted.messages.back()))
        throw RpcError(400, code::invalid_request, "initialize cannot be part of a batch");
    } catch (const RpcError& error) {
      if (!posted.messages.empty() && isInitialize(posted.messages.back())) throw;
      posted.errors.push_back(errorBody(readableId(item), error));
    }
  return posted;
}

std::size_t countRequests(const std::vector<Message>& messages) {
  return static_cast<std::size_t>(
      std::count_if(messages.begin(), messages.end(),
                    [](const Message& message) { return message.kind == Message::Kind::request; }));
}

std::string_view sessionIdOf(const HttpRequest& request) {
  const auto id = request.header(header::session_id);
  if (!id || id->empty())
    throw RpcError(400, code::invalid_request,
                   "the header Mcp-Session-Id is missing; send initialize first");
  return *id;
}

/// Clients open a new session when they see this status.
RpcError unknownSession() {
  return RpcError(404, code::invalid_request, "there is no such session; send initialize");
}

}  // namespace

std::shared_ptr<Session> StreamableHttp::sessionOf(const HttpRequest& request) {
  legacy_.checkVersion(request.header(header::protocol_version));
  auto session = sessions_.find(sessionIdOf(request), toView(request.caller().subject),
                                SessionTable::Clock::now());
  if (!session) throw unknownSession();
  return session;
}

void StreamableHttp::post(const Json& document, const HttpRequest& request,
                          HttpResponse& response) {
  if (document.isObject())
    if (const Message message = readMessage(document); isInitialize(message))
      return initialize(message, request, response);
  const auto session = sessionOf(request);
  const auto [messages, errors] = read(document, session->revision());
  const std::size_t requests = countRequests(messages) + errors.size();
  const scanhost_trace trace = traceOf(request.header("traceparent"), request.header("X-Trace-Id"),
                                       messages.empty() ? Message() : messages.front());
  std::shared_ptr<PostReply> reply;
  if (requests > 0) {
    PostReply::Options options;
    options.stream = {config_.keep_alive, config_.stream_buffer};
    options.answers = requests;
    options.batch = document.isArray();
    options.open_events = [session] { return session->openStream(); };
    options.gone_cancels = false;
    if (hasStreamPolling(session->revision()) && config_.memory.max_events > 0)
      options.retry = config_.retry;
    reply = std::make_shared<PostReply>(request, response, std::move(options));
  }
  for (const std::string& error : errors) reply->respond(200, error);
  const auto caller = std::make_shared<const OwnedCaller>(request.caller());
  for (const Message& message : messages) {
    if (message.kind == Message::Kind::request)
      legacy_.serve(message, session, caller, reply, trace);
    else
      legacy_.take(message, *session);
  }
  if (reply)
    reply->settle();
  else
    response.send(202, {}, {});
}

void StreamableHttp::initialize(const Message& message, const HttpRequest& request,
                                HttpResponse& response) {
  const Revision revision = legacy_.negotiate(message);
  auto session = std::make_shared<Session>(
      newSessionId(), std::make_shared<const OwnedCaller>(request.caller()), revision,
      message.params["capabilities"], std::make_shared<EventStream>(0, config_.memory),
      config_.memory);
  if (!sessions_.add(session, SessionTable::Clock::now()))
    throw RpcError(503, code::internal_error, "too many sessions are busy; try again");
  PostReply::Options options;
  options.stream = {config_.keep_alive, config_.stream_buffer};
  const auto reply = std::make_shared<PostReply>(request, response, std::move(options));
  reply->respond(200, resultBody(message.id, legacy_.initializeMembers(revision)),
                 {{std::string(header::session_id), session->id()}});
  reply->settle();
}

void StreamableHttp::get(const HttpRequest& request, HttpResponse& response) {
  const auto session = sessionOf(request);
  std::uint64_t seen = 0;
  auto stream = session->standalone();
  if (const auto last = request.header(header::last_event_id); last && !last->empty()) {
    const auto id = readEventId(*last);
    stream = id ? session->findStream(id->stream) : nullptr;
    if (!stream)
      throw RpcError(400, code::invalid_request,
                     "that event is not remembered; open the stream without Last-Event-ID");
    seen = id->number;
  }
  auto place = streams_.take(session->caller()->subject());
  if (!place) throw RpcError(429, code::internal_error, "too many streams of this client are open");
  const auto open = [&](std::function<void()> closed) {
    HttpStreamOptions options;
    options.closed = [closed = std::move(closed), place] { closed(); };
    options.keep_alive = config_.keep_alive;
    options.buffer_bytes = config_.stream_buffer;
    return response.stream(200, streamHeaders(), std::move(options));
  };
  if (stream->attach(open, seen, {}) && stream == session->standalone())
    session->watchLists(operations_);
}

void StreamableHttp::end(const HttpRequest& request, HttpResponse& response) {
  legacy_.checkVersion(request.header(header::protocol_version));
  if (!sessions_.end(sessionIdOf(request), toView(request.caller().subject)))
    throw unknownSession();
  response.send(204, {}, {});
}

void StreamableHttp::sweep(std::int64_t now_us) {
  const auto now = SessionTable::Clock::now();
  sessions_.expire(now);
  for (const auto& session : sessions_.all()) {
    if (session->caller()->isExpired(now_us)) session->standalone()->pause();
    if (config_.poll.count() > 0 && hasStreamPolling(session->revision()))
      session->pauseStreams(now - config_.poll);
    session->forgetStreams(now - config_.replay);
    session->giveUpQuestions(now - config_.session_idle);
  }
}

void StreamableHttp::drain() {
  for (const auto& session : sessions_.all()) session->standalone()->end();
}

}  // namespace scanhost::mcp
