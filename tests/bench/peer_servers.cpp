// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "tests/bench/peer_servers.h"

#include <Poco/Net/HTTPRequestHandler.h>
#include <Poco/Net/HTTPRequestHandlerFactory.h>
#include <Poco/Net/HTTPServer.h>
#include <Poco/Net/HTTPServerRequest.h>
#include <Poco/Net/HTTPServerResponse.h>
#include <unistd.h>

#include <cstdio>

#include "host/http/listener.h"

namespace scanhost::bench {
namespace {

[[noreturn]] void serveForEver(unsigned port) {
  std::fprintf(stderr, "peer on 127.0.0.1:%u\n", port);
  for (;;) pause();
}

class FixedAnswer : public Poco::Net::HTTPRequestHandler {
 public:
  explicit FixedAnswer(const std::string& body) : body_(body) {}
  void handleRequest(Poco::Net::HTTPServerRequest&,
                     Poco::Net::HTTPServerResponse& response) override {
    response.setContentType("application/json");
    response.sendBuffer(body_.data(), body_.size());
  }

 private:
  const std::string& body_;
};

class FixedAnswers : public Poco::Net::HTTPRequestHandlerFactory {
 public:
  explicit FixedAnswers(const std::string& body) : body_(body) {}
  Poco::Net::HTTPRequestHandler* createRequestHandler(
      const Poco::Net::HTTPServerRequest&) override {
    return new FixedAnswer(body_);
  }

 private:
  const std::string& body_;
};

[[noreturn]] void servePoco(const std::string& body) {
  Poco::Net::ServerSocket socket(Poco::Net::SocketAddress("127.0.0.1", 0));
  Poco::Net::HTTPServerParams::Ptr params(new Poco::Net::HTTPServerParams);
  params->setMaxKeepAliveRequests(0);
  Poco::Net::HTTPServer server(new FixedAnswers(body), socket, params);
  server.start();
  serveForEver(socket.address().port());
}

[[noreturn]] void serveListener(const std::string& body) {
  http::ListenOptions options;
  options.listen = "127.0.0.1:0";
  http::Listener listener(options);
  http::Route route;
  route.methods = {"GET", "POST"};
  route.path = "/*";
  route.open = true;
  route.handler = [&body](http::Request& request, http::Response& response) {
    if (!request.readBody(64 << 10)) return;
    response.send(200, {{"Content-Type", "application/json"}}, body);
  };
  const auto mounted = listener.route(std::move(route));
  if (!mounted || !listener.start()) _exit(1);
  serveForEver(listener.port());
}

}  // namespace

bool servePeer(std::string_view name, const std::string& body) {
  if (name == "poco") servePoco(body);
  if (name == "listener") serveListener(body);
  return false;
}

}  // namespace scanhost::bench
