// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "sdk/client/testing/fake_mcp_server.h"

#include <Poco/Net/Context.h>
#include <Poco/Net/HTTPRequestHandler.h>
#include <Poco/Net/HTTPRequestHandlerFactory.h>
#include <Poco/Net/HTTPServerParams.h>
#include <Poco/Net/HTTPServerRequest.h>
#include <Poco/Net/HTTPServerRequestImpl.h>
#include <Poco/Net/HTTPServerResponse.h>
#include <Poco/Net/SecureServerSocket.h>
#include <Poco/Net/ServerSocket.h>
#include <Poco/Net/SocketAddress.h>
#include <Poco/StreamCopier.h>

#include <thread>

namespace scanhost::client::testing {

using Poco::Net::HTTPResponse;

struct FakeMcpServer::Behaviour {
  mutable std::mutex mutex;
  std::map<std::string, Tool> tools;
  std::map<std::string, std::pair<int, std::string>> paths;
  std::map<std::string, std::pair<Fault, int>> faults;
  std::map<std::string, int> counts;
  std::vector<std::pair<std::string, Json>> calls;
  std::set<std::string> sessions;
  std::string pending_answer;
  std::string token;
  bool events = false;
  bool errors_as_results = false;
  int last_session = 0;

  Fault takeFault(const std::string& method) {
    const auto found = faults.find(method);
    if (found == faults.end() || found->second.second == 0) return Fault::none;
    --found->second.second;
    return found->second.first;
  }

  Json toolResult(const Json& params);
};

Json FakeMcpServer::Behaviour::toolResult(const Json& params) {
  const std::string name = params["name"].asString();
  calls.emplace_back(name, params["arguments"]);
  const auto found = tools.find(name);
  const Json answer = found == tools.end() ? Json::object({{"error", "Unknown tool"},
                                                           {"message", "no tool " + name},
                                                           {"code", "invalid_argument"},
                                                           {"status_code", 400}})
                                           : found->second(params["arguments"]);
  const bool refused = answer["code"].isString();
  const std::string text = answer.isString() ? answer.asString() : answer.dump();
  const Json structured = answer.isString() ? Json::object({{"result", text}}) : answer;
  return Json::object({{"content", Json::array({Json::object({{"type", "text"}, {"text", text}})})},
                       {"structuredContent", structured},
                       {"isError", refused && !errors_as_results}});
}

class FakeMcpHandler : public Poco::Net::HTTPRequestHandler {
 public:
  explicit FakeMcpHandler(std::shared_ptr<FakeMcpServer::Behaviour> behaviour)
      : behaviour_(std::move(behaviour)) {}

  void handleRequest(Poco::Net::HTTPServerRequest& request,
                     Poco::Net::HTTPServerResponse& response) override {
    std::string body;
    Poco::StreamCopier::copyToString(request.stream(), body);
    if (request.getURI() != "/mcp") return answerPath(request.getURI(), response);
    if (!hasToken(request)) return refuse(response, HTTPResponse::HTTP_UNAUTHORIZED);
    if (request.getMethod() == "DELETE") return endSession(request, response);
    if (request.getMethod() == "GET") return resumeStream(response);
    answerMessage(Json::parse(body), request, response);
  }

 private:
  static void refuse(Poco::Net::HTTPServerResponse& response, HTTPResponse::HTTPStatus status,
                     const std::string& body = "") {
    response.setStatusAndReason(status);
    response.setContentLength(static_cast<std::streamsize>(body.size()));
    response.send() << body;
  }

  void answerPath(const std::string& path, Poco::Net::HTTPServerResponse& response) {
    const std::lock_guard lock(behaviour_->mutex);
    const auto found = behaviour_->paths.find(path);
    if (found == behaviour_->paths.end()) return refuse(response, HTTPResponse::HTTP_NOT_FOUND);
    refuse(response, static_cast<HTTPResponse::HTTPStatus>(found->second.first),
           found->second.second);
  }

  bool hasToken(const Poco::Net::HTTPServerRequest& request) const {
    const std::lock_guard lock(behaviour_->mutex);
    return behaviour_->token.empty() ||
           request.get("Authorization", "") == "Bearer " + behaviour_->token;
  }

  void endSession(const Poco::Net::HTTPServerRequest& request,
                  Poco::Net::HTTPServerResponse& response) {
    const std::lock_guard lock(behaviour_->mutex);
    behaviour_->sessions.erase(request.get("Mcp-Session-Id", ""));
    refuse(response, HTTPResponse::HTTP_OK);
  }

  void resumeStream(Poco::Net::HTTPServerResponse& response) {
    const std::lock_guard lock(behaviour_->mutex);
    response.setContentType("text/event-stream");
    response.setChunkedTransferEncoding(true);
    response.send() << "id: 2\ndata: " << behaviour_->pending_answer << "\n\n";
  }

  void answerMessage(const Json& message, Poco::Net::HTTPServerRequest& request,
                     Poco::Net::HTTPServerResponse& response) {
    const std::string method = message["method"].asString();
    Json result;
    Fault fault = Fault::none;
    bool events = false;
    {
      const std::lock_guard lock(behaviour_->mutex);
      ++behaviour_->counts[method];
      fault = behaviour_->takeFault(method);
      events = behaviour_->events;
      if (method == "initialize") {
        const std::string id = "session-" + std::to_string(++behaviour_->last_session);
        behaviour_->sessions.insert(id);
        response.set("Mcp-Session-Id", id);
      } else if (fault == Fault::forget_session ||
                 behaviour_->sessions.count(request.get("Mcp-Session-Id", "")) == 0) {
        behaviour_->sessions.erase(request.get("Mcp-Session-Id", ""));
        return refuse(response, HTTPResponse::HTTP_NOT_FOUND);
      }
      if (!message.has("id")) return refuse(response, HTTPResponse::HTTP_ACCEPTED);
      if (refusesAtOnce(fault, response)) return;
      result = resultOf(method, message["params"]);
    }
    Json answer = Json::object({{"jsonrpc", "2.0"}, {"id", message["id"]}});
    if (fault == Fault::rpc_error)
      answer["error"] = Json::object({{"code", -32602}, {"message", "Unknown tool"}});
    else
      answer["result"] = result;
    sendAnswer(answer.dump(), fault, events, message["params"], request, response);
  }

  static bool refusesAtOnce(Fault fault, Poco::Net::HTTPServerResponse& response) {
    switch (fault) {
      case Fault::unauthorized: refuse(response, HTTPResponse::HTTP_UNAUTHORIZED); return true;
      case Fault::forbidden: refuse(response, HTTPResponse::HTTP_FORBIDDEN); return true;
      case Fault::unavailable:
        response.set("Retry-After", "0");
        refuse(response, HTTPResponse::HTTP_SERVICE_UNAVAILABLE);
        return true;
      case Fault::not_json:
        response.setContentType("text/html");
        refuse(response, HTTPResponse::HTTP_OK, "<html>hello</html>");
        return true;
      default: return false;
    }
  }

  Json resultOf(const std::string& method, const Json& params) {
    if (method == "initialize")
      return Json::object({{"protocolVersion", params["protocolVersion"]},
                           {"capabilities", Json::object({{"tools", Json::object()}})},
                           {"serverInfo", Json::object({{"name", "fake"}, {"version", "1"}})}});
    if (method == "tools/call") return behaviour_->toolResult(params);
    if (method == "tools/list") return toolPage(params["cursor"].asString());
    return Json::object();
  }

  /// One tool a page, so that paging is met.
  Json toolPage(const std::string& cursor) {
    auto tool = cursor.empty() ? behaviour_->tools.begin() : behaviour_->tools.find(cursor);
    Json page = Json::object({{"tools", Json::array()}});
    if (tool == behaviour_->tools.end()) return page;
    page["tools"].push(Json::object({{"name", tool->first}}));
    if (++tool != behaviour_->tools.end()) page["nextCursor"] = tool->first;
    return page;
  }

  void sendAnswer(const std::string& answer, Fault fault, bool events, const Json& params,
                  Poco::Net::HTTPServerRequest& request, Poco::Net::HTTPServerResponse& response) {
    if (fault == Fault::drop_before_answer) return drop(request);
    if (fault == Fault::silent) std::this_thread::sleep_for(std::chrono::seconds(1));
    if (fault == Fault::unfinished_stream) return sendUnfinishedStream(answer, response);
    if (events) return sendEvents(answer, params, response);
    response.setContentType("application/json");
    if (fault == Fault::cut_answer) {
      response.setContentLength(static_cast<std::streamsize>(answer.size()));
      response.setKeepAlive(false);
      response.send() << answer.substr(0, answer.size() / 2) << std::flush;
      return drop(request);
    }
    if (fault == Fault::huge_answer) {
      response.setChunkedTransferEncoding(true);
      std::ostream& out = response.send();
      const std::string filler(1 << 16, ' ');
      for (int i = 0; i < 64 && out; ++i) out << filler;
      out << answer;
      return;
    }
    response.setContentLength(static_cast<std::streamsize>(answer.size()));
    response.send() << answer;
  }

  static void drop(Poco::Net::HTTPServerRequest& request) {
    auto& held = static_cast<Poco::Net::HTTPServerRequestImpl&>(request);
    held.detachSocket().close();
  }

  static void sendEvents(const std::string& answer, const Json& params,
                         Poco::Net::HTTPServerResponse& response) {
    response.setContentType("text/event-stream; charset=utf-8");
    response.setChunkedTransferEncoding(true);
    std::ostream& out = response.send();
    out << "id: 0\ndata: \n\n: comment\r\n\r\n";
    const Json token = params["_meta"]["progressToken"];
    for (int i = 1; i <= 2; ++i)
      out << "event: message\ndata: "
          << Json::object({{"jsonrpc", "2.0"},
                           {"method", "notifications/progress"},
                           {"params", Json::object({{"progressToken", token},
                                                    {"progress", i},
                                                    {"total", 2},
                                                    {"message", "half"}})}})
                 .dump()
          << "\n\n"
          << std::flush;
    out << "data: "
        << Json::object({{"jsonrpc", "2.0"},
                         {"method", "notifications/message"},
                         {"params", Json::object({{"level", "info"}, {"data", "working"}})}})
               .dump()
        << "\n\n";
    out << "id: 4\ndata: " << answer << "\n\n";
  }

  void sendUnfinishedStream(const std::string& answer, Poco::Net::HTTPServerResponse& response) {
    const std::lock_guard lock(behaviour_->mutex);
    behaviour_->pending_answer = answer;
    response.setContentType("text/event-stream");
    response.setChunkedTransferEncoding(true);
    response.send() << "id: 1\nretry: 10\ndata: \n\n";
  }

  std::shared_ptr<FakeMcpServer::Behaviour> behaviour_;
};

namespace {

/// Binds here because Behaviour is private to the server.
class HandlerFactory : public Poco::Net::HTTPRequestHandlerFactory {
 public:
  using Maker = std::function<Poco::Net::HTTPRequestHandler*()>;
  explicit HandlerFactory(Maker maker) : maker_(std::move(maker)) {}
  Poco::Net::HTTPRequestHandler* createRequestHandler(
      const Poco::Net::HTTPServerRequest&) override {
    return maker_();
  }

 private:
  Maker maker_;
};

}  // namespace

FakeMcpServer::FakeMcpServer(unsigned short port)
    : FakeMcpServer(Poco::Net::ServerSocket(Poco::Net::SocketAddress("127.0.0.1", port)), "http") {}

FakeMcpServer::FakeMcpServer(const CertificateFiles& certificate)
    : FakeMcpServer(
          Poco::Net::SecureServerSocket(
              Poco::Net::SocketAddress("127.0.0.1", 0), 64,
              new Poco::Net::Context(Poco::Net::Context::TLS_SERVER_USE, certificate.key,
                                     certificate.certificate, "", Poco::Net::Context::VERIFY_NONE)),
          "https") {}

FakeMcpServer::FakeMcpServer(const Poco::Net::ServerSocket& socket, std::string scheme)
    : behaviour_(std::make_shared<Behaviour>()), scheme_(std::move(scheme)) {
  auto params = Poco::AutoPtr<Poco::Net::HTTPServerParams>(new Poco::Net::HTTPServerParams);
  params->setTimeout(Poco::Timespan(5, 0));
  server_ = std::make_unique<Poco::Net::HTTPServer>(
      new HandlerFactory([behaviour = behaviour_] { return new FakeMcpHandler(behaviour); }),
      threads_, socket, params);
  server_->start();
}

FakeMcpServer::~FakeMcpServer() {
  server_->stopAll(true);
  threads_.joinAll();
}

unsigned short FakeMcpServer::port() const {
  return server_->port();
}
std::string FakeMcpServer::url() const {
  return scheme_ + "://127.0.0.1:" + std::to_string(port());
}

void FakeMcpServer::setTool(const std::string& name, Tool tool) {
  const std::lock_guard lock(behaviour_->mutex);
  behaviour_->tools[name] = std::move(tool);
}

void FakeMcpServer::answerAsEvents(bool on) {
  const std::lock_guard lock(behaviour_->mutex);
  behaviour_->events = on;
}

void FakeMcpServer::errorsAsResults(bool on) {
  const std::lock_guard lock(behaviour_->mutex);
  behaviour_->errors_as_results = on;
}

void FakeMcpServer::failNext(const std::string& method, Fault fault, int times) {
  const std::lock_guard lock(behaviour_->mutex);
  behaviour_->faults[method] = {fault, times};
}

void FakeMcpServer::setPath(const std::string& path, int status, const std::string& body) {
  const std::lock_guard lock(behaviour_->mutex);
  behaviour_->paths[path] = {status, body};
}

void FakeMcpServer::requireToken(const std::string& token) {
  const std::lock_guard lock(behaviour_->mutex);
  behaviour_->token = token;
}

int FakeMcpServer::count(const std::string& method) const {
  const std::lock_guard lock(behaviour_->mutex);
  const auto found = behaviour_->counts.find(method);
  return found == behaviour_->counts.end() ? 0 : found->second;
}

std::vector<Json> FakeMcpServer::calls(const std::string& tool) const {
  const std::lock_guard lock(behaviour_->mutex);
  std::vector<Json> found;
  for (const auto& [name, arguments] : behaviour_->calls)
    if (name == tool) found.push_back(arguments);
  return found;
}

std::size_t FakeMcpServer::openSessions() const {
  const std::lock_guard lock(behaviour_->mutex);
  return behaviour_->sessions.size();
}

}  // namespace scanhost::client::testing
