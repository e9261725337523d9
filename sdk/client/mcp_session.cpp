// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "sdk/client/mcp_session.h"

#include <algorithm>
#include <array>
#include <limits>

#include "sdk/client/sse_parser.h"

namespace scanhost::client {
namespace {

constexpr const char* wanted_protocol = "2025-11-25";
constexpr std::array known_protocols = {"2025-11-25", "2025-06-18", "2025-03-26"};
constexpr std::chrono::milliseconds goodbye_timeout{2000};
constexpr std::chrono::milliseconds default_resume_delay{1000};
/// However short a call may take.
constexpr std::chrono::milliseconds longest_download = std::chrono::minutes(10);
/// Enough for any refusal; more of one is cut off.
constexpr std::size_t max_error_body = 64u << 10;

/// HTTP 404 within a session: the service does not know it any more, so the request was not run.
struct SessionForgotten {};

bool isKnownProtocol(const std::string& version) {
  for (const char* known : known_protocols)
    if (version == known) return true;
  return false;
}

/// The error object of the service inside a refused HTTP answer, when there is one.
std::optional<Json> serviceErrorIn(const std::string& body) {
  auto json = Json::tryParse(body);
  if (json && (*json)["code"].isString() && (*json)["error"].isString()) return json;
  return std::nullopt;
}

/// Whether the text would be JSON if only it went on.
bool wasCutOff(const std::string& text) {
  try {
    Json::parse(text);
    return false;
  } catch (const JsonError& error) {
    return error.offset() >= text.size();
  }
}

void checkToken(const std::string& token) {
  for (const char c : token)
    if (c <= ' ' || c > '~')
      throw std::invalid_argument(
          "token: it holds spaces, control or non-ASCII characters; give the token alone");
}

}  // namespace

/// What is gathered while one answer is read.
struct McpSession::Answer {
  std::int64_t id = 0;
  std::string body;  ///< of anything but an event stream
  std::string session_id;
  std::optional<Json> response;
  std::string last_event_id;
  std::optional<std::chrono::milliseconds> retry;
};

McpSession::McpSession(const ClientOptions& options)
    : options_(options),
      endpoint_(parseEndpoint(options.url)),
      url_(endpoint_.url()),
      connection_(endpoint_, options.ca_file, options.max_response_bytes) {
  checkToken(options.token);
  if (options.timeout.count() <= 0)
    throw std::invalid_argument("timeout: it must be longer than zero");
  if (!options.token.empty() && !endpoint_.secure && !endpoint_.loopback)
    log("warning", url_ + ": the token is sent to another machine in clear text; use https");
}

McpSession::~McpSession() {
  if (!open_ || session_id_.empty()) return;
  try {
    const Deadline deadline(std::min(goodbye_timeout, options_.timeout));
    connection_.exchange(newRequest("DELETE", ""), deadline,
                         [](const HttpHead&, std::string_view) { return true; });
  } catch (const std::exception&) {
    // The service ends idle sessions by itself.
    open_ = false;
  }
}

void McpSession::log(const std::string& level, const std::string& message) const {
  if (options_.log) options_.log(level, message);
}

Json McpSession::request(const std::string& method, Json params, Repeat repeat) {
  const std::lock_guard lock(mutex_);
  const Deadline deadline(options_.timeout);
  return requestInSession(method, params, repeat, deadline);
}

Json McpSession::requestInSession(const std::string& method, const Json& params, Repeat repeat,
                                  const Deadline& deadline) {
  try {
    if (!open_) open(deadline);
    return callOnce(method, params, repeat, deadline);
  } catch (const SessionForgotten&) {
    log("info", url_ + ": the session has ended; opening another");
  }
  try {
    open(deadline);
    return callOnce(method, params, repeat, deadline);
  } catch (const SessionForgotten&) {
    open_ = false;
    throw ProtocolError(url_ + ": the service forgets each session at once (HTTP 404 twice)");
  }
}

Json McpSession::callOnce(const std::string& method, const Json& params, Repeat repeat,
                          const Deadline& deadline) {
  // On a kept connection a close for idleness looks like a lost request.
  if (repeat == Repeat::never) connection_.reset();
  try {
    return exchange(method, params, deadline);
  } catch (const UnreachableError&) {
    if (repeat == Repeat::never || !connection_.reused()) throw;
  }
  return exchange(method, params, deadline);
}

void McpSession::open(const Deadline& deadline) {
  open_ = false;
  session_id_.clear();
  protocol_version_.clear();
  const Json params = Json::object(
      {{"protocolVersion", wanted_protocol},
       {"capabilities", Json::object()},
       {"clientInfo", Json::object({{"name", "scanhost-client"}, {"version", "0.1.0"}})}});
  Json result;
  try {
    result = callOnce("initialize", params, Repeat::safe, deadline);
  } catch (const SessionForgotten&) {
    throw ProtocolError(url_ + ": nothing speaks MCP there (HTTP 404); check the URL's path");
  }
  protocol_version_ = result["protocolVersion"].asString();
  if (!isKnownProtocol(protocol_version_))
    throw ProtocolError(url_ + ": the service answered with MCP revision '" + protocol_version_ +
                        "', which this client does not speak");
  notify("notifications/initialized", deadline);
  open_ = true;
}

HttpRequest McpSession::newRequest(const std::string& http_method, std::string body) const {
  HttpRequest request{http_method, endpoint_.mcpPath(), {}, std::move(body)};
  request.headers["Accept"] = "application/json, text/event-stream";
  if (!request.body.empty()) request.headers["Content-Type"] = "application/json";
  if (!options_.token.empty()) request.headers["Authorization"] = "Bearer " + options_.token;
  if (!session_id_.empty()) request.headers["Mcp-Session-Id"] = session_id_;
  if (!protocol_version_.empty()) request.headers["MCP-Protocol-Version"] = protocol_version_;
  return request;
}

Json McpSession::exchange(const std::string& method, const Json& params, const Deadline& deadline) {
  Answer answer;
  answer.id = ++last_id_;
  Json message = Json::object({{"jsonrpc", "2.0"}, {"id", answer.id}, {"method", method}});
  if (!params.isNull()) message["params"] = params;
  if (options_.progress && method == "tools/call")
    message["params"]["_meta"]["progressToken"] = answer.id;

  const HttpHead head = send(newRequest("POST", message.dump()), answer, deadline);
  if (!answer.response && head.media_type == "application/json") {
    std::string why;
    const auto json = Json::tryParse(answer.body, {}, &why);
    // A body that ends too early was cut off: chunked answers show it in no other way.
    if (!json && wasCutOff(answer.body))
      throw UnreachableError(url_ + ": the connection broke in the middle of an answer");
    if (!json) throw ProtocolError(url_ + ": the answer is not JSON: " + why);
    take(*json, answer, deadline);
  }
  const bool readable =
      head.media_type == "application/json" || head.media_type == "text/event-stream";
  if (!readable)
    throw ProtocolError(url_ + ": the answer is of type '" + head.media_type +
                        "', not JSON or an event stream; check the URL");
  if (!answer.response) resume(answer, deadline);
  if (method == "initialize") session_id_ = answer.session_id;

  const Json& response = *answer.response;
  if (const Json* error = response.find("error"))
    throw ProtocolError(url_ + ": " + (*error)["message"].asString("request refused"),
                        static_cast<int>((*error)["code"].asInteger()));
  return response["result"];
}

void McpSession::notify(const std::string& method, const Deadline& deadline) {
  Answer ignored;
  send(newRequest("POST", Json::object({{"jsonrpc", "2.0"}, {"method", method}}).dump()), ignored,
       deadline);
}

HttpHead McpSession::send(const HttpRequest& request, Answer& answer, const Deadline& deadline) {
  SseParser events([&](const std::string& data) {
    std::string why;
    const auto json = Json::tryParse(data, {}, &why);
    if (!json) throw ProtocolError(url_ + ": an event is not JSON: " + why);
    return take(*json, answer, deadline);
  });
  answer.body.clear();
  const HttpHead head =
      connection_.exchange(request, deadline, [&](const HttpHead& from, std::string_view piece) {
        const bool success = from.status >= 200 && from.status < 300;
        if (success && from.media_type == "text/event-stream") return events.feed(piece);
        answer.body += piece;
        return success || answer.body.size() <= max_error_body;
      });
  if (!events.lastEventId().empty()) answer.last_event_id = events.lastEventId();
  if (events.retry()) answer.retry = events.retry();
  if (!head.session_id.empty()) answer.session_id = head.session_id;
  checkStatus(head, answer.body);
  return head;
}

/// A server may end a stream before the answer, to free the connection; from revision 2025-11-25
/// it then has given an id to go on from. Without one the answer is lost.
void McpSession::resume(Answer& answer, const Deadline& deadline) {
  while (!answer.response) {
    if (answer.last_event_id.empty())
      throw UnreachableError(url_ + ": the connection was closed before an answer came");
    deadline.sleep(answer.retry.value_or(default_resume_delay));
    if (deadline.passed()) throw TimeoutError(url_ + ": no answer in time");
    HttpRequest request = newRequest("GET", "");
    request.headers["Accept"] = "text/event-stream";
    request.headers["Last-Event-ID"] = answer.last_event_id;
    const HttpHead head = send(request, answer, deadline);
    if (head.media_type != "text/event-stream")
      throw ProtocolError(url_ + ": the service refused to go on with an unfinished answer");
  }
}

/// False once the awaited response is there.
bool McpSession::take(const Json& message, Answer& answer, const Deadline& deadline) {
  if (message.has("method")) {
    if (message.has("id"))
      answerServerRequest(message, deadline);
    else
      takeNotification(message, answer);
    return true;
  }
  if (message["id"] == Json(answer.id)) {
    answer.response = message;
    return false;
  }
  // An error that could not be matched to its request has no id; on our own POST it is ours.
  if (message["id"].isNull() && message.has("error")) {
    answer.response = message;
    return false;
  }
  throw ProtocolError(url_ + ": the answer belongs to no request of ours");
}

void McpSession::takeNotification(const Json& message, const Answer& answer) const {
  const std::string& method = message["method"].asString();
  const Json& params = message["params"];
  if (method == "notifications/progress") {
    if (!options_.progress || params["progressToken"] != Json(answer.id)) return;
    CallProgress progress;
    progress.progress = params["progress"].asNumber();
    if (params["total"].isNumber()) progress.total = params["total"].asNumber();
    progress.message = params["message"].asString();
    options_.progress(progress);
  } else if (method == "notifications/message") {
    const Json& data = params["data"];
    log(params["level"].asString("info"), data.isString() ? data.asString() : data.dump());
  }
}

/// The service may ask whether we are alive; we offer nothing else. The connection of the running
/// request is busy with its answer, hence another.
void McpSession::answerServerRequest(const Json& request, const Deadline& deadline) {
  Json reply = Json::object({{"jsonrpc", "2.0"}, {"id", request["id"]}});
  if (request["method"].asString() == "ping")
    reply["result"] = Json::object();
  else
    reply["error"] = Json::object({{"code", -32601}, {"message", "Method not found"}});
  HttpConnection other(endpoint_, options_.ca_file, max_error_body);
  other.exchange(newRequest("POST", reply.dump()), deadline,
                 [](const HttpHead&, std::string_view) { return true; });
}

void McpSession::checkStatus(const HttpHead& head, const std::string& body) const {
  if (head.status >= 200 && head.status < 300) return;
  const std::string where = url_ + ": HTTP " + std::to_string(head.status);
  const auto service_error = serviceErrorIn(body);
  const std::string said =
      service_error ? ": " + (*service_error)["message"].asString("refused") : std::string();
  if (head.status == 401 && !endpoint_.socket_path.empty())
    throw AccessError(401, where + said + ": it serves root and the service's own user");
  if (head.status == 401)
    throw AccessError(401, where + said +
                               (options_.token.empty() ? ": a token is needed (SCANHOST_TOKEN)"
                                                       : ": the token is not accepted"));
  if (head.status == 403) throw AccessError(403, where + said + ": this caller may not do that");
  if (head.status == 404 && (!session_id_.empty() || !service_error)) throw SessionForgotten{};
  if (head.status == 502 || head.status == 503 || head.status == 504)
    throw UnreachableError(where + said + ": the service is not ready", head.retry_after);
  if (service_error) throw ServiceError(*service_error);
  const auto json = Json::tryParse(body);
  const std::string rpc = json ? (*json)["error"]["message"].asString() : std::string();
  throw ProtocolError(where + (rpc.empty() ? "" : ": " + rpc));
}

ProbeAnswer McpSession::probe(const std::string& path) {
  ProbeAnswer answer;
  HttpConnection connection(endpoint_, options_.ca_file, options_.max_response_bytes);
  HttpRequest request{"GET", endpoint_.base_path + path, {}, ""};
  const HttpHead head = connection.exchange(request, Deadline(options_.timeout),
                                            [&](const HttpHead&, std::string_view piece) {
                                              answer.body += piece;
                                              return true;
                                            });
  answer.http_status = head.status;
  return answer;
}

void McpSession::download(const std::string& path,
                          const std::function<void(std::string_view)>& piece) {
  HttpConnection connection(endpoint_, options_.ca_file,
                            std::numeric_limits<std::ptrdiff_t>::max());
  HttpRequest request{"GET", path, {}, ""};
  if (!options_.token.empty()) request.headers["Authorization"] = "Bearer " + options_.token;
  std::string refusal;
  const HttpHead head =
      connection.exchange(request, Deadline(std::max(options_.timeout, longest_download)),
                          [&](const HttpHead& so_far, std::string_view bytes) {
                            if (so_far.status == 200)
                              piece(bytes);
                            else
                              refusal += bytes;
                            return refusal.size() < max_error_body;
                          });
  try {
    checkStatus(head, refusal);
  } catch (const SessionForgotten&) {
    throw ProtocolError(url_ + ": HTTP 404 for a download");
  }
}

}  // namespace scanhost::client
