// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "tests/simulators/nessus/listener.h"

#include <Poco/Net/Context.h>
#include <Poco/Net/HTTPRequestHandler.h>
#include <Poco/Net/HTTPRequestHandlerFactory.h>
#include <Poco/Net/HTTPServerConnection.h>
#include <Poco/Net/HTTPServerParams.h>
#include <Poco/Net/HTTPServerRequestImpl.h>
#include <Poco/Net/HTTPServerResponse.h>
#include <Poco/Net/SecureServerSocket.h>
#include <Poco/Net/ServerSocket.h>
#include <Poco/Net/TCPServer.h>
#include <Poco/Net/TCPServerConnectionFactory.h>
#include <Poco/ThreadPool.h>
#include <Poco/URI.h>
#include <openssl/ssl.h>
#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <limits>
#include <mutex>
#include <ostream>
#include <set>
#include <streambuf>

#include "tests/support/server_context.h"

namespace scanhost::simulator {
namespace {

namespace net = Poco::Net;

constexpr std::size_t largest_body = 64 * 1024 * 1024;
constexpr int most_connections = 256;
constexpr int connection_seconds = 60;

/// Passes on up to `limit` bytes to `sink` (none: only counts) and fails after that.
class MeteredBuffer : public std::streambuf {
 public:
  MeteredBuffer(std::ostream* sink, std::uint64_t limit) : sink_(sink), limit_(limit) {}
  std::uint64_t count() const { return count_; }

 protected:
  std::streamsize xsputn(const char* data, std::streamsize size) override {
    const auto fits = std::min<std::uint64_t>(static_cast<std::uint64_t>(size), limit_ - count_);
    if (sink_) sink_->write(data, static_cast<std::streamsize>(fits));
    count_ += fits;
    return static_cast<std::streamsize>(fits);
  }
  int_type overflow(int_type c) override {
    const char byte = traits_type::to_char_type(c);
    return xsputn(&byte, 1) == 1 ? c : traits_type::eof();
  }

 private:
  std::ostream* sink_;
  std::uint64_t limit_;
  std::uint64_t count_ = 0;
};

std::uint64_t sizeOf(const Reply& reply) {
  if (!reply.stream) return reply.body.size();
  MeteredBuffer meter(nullptr, std::numeric_limits<std::uint64_t>::max());
  std::ostream out(&meter);
  reply.stream(out);
  return meter.count();
}

void writeBody(const Reply& reply, std::ostream& out) {
  if (reply.stream)
    reply.stream(out);
  else
    out << reply.body;
}

void writeBodyUpTo(const Reply& reply, std::uint64_t limit, std::ostream& sink) {
  MeteredBuffer meter(&sink, limit);
  std::ostream out(&meter);
  writeBody(reply, out);
}

/// Ends the connection as a crash would: no TLS farewell, nothing after what was flushed.
void cut(net::HTTPServerRequest& request, net::HTTPServerResponse& response) {
  response.setKeepAlive(false);
  const auto socket = static_cast<net::HTTPServerRequestImpl&>(request).socket();
  ::shutdown(socket.impl()->sockfd(), SHUT_RDWR);
}

class Handler : public net::HTTPRequestHandler {
 public:
  explicit Handler(Exchange& exchange) : exchange_(exchange) {}

  void handleRequest(net::HTTPServerRequest& request, net::HTTPServerResponse& response) override {
    if (request.getExpectContinue()) response.sendContinue();
    auto read = readRequest(request);
    if (!read) {
      Reply too_large = Reply::error(413, "The request is too large");
      too_large.close = true;
      deliver({std::move(too_large)}, request, response);
      return;
    }
    deliver(exchange_.answer(*read), request, response);
  }

 private:
  static std::optional<Request> readRequest(net::HTTPServerRequest& from) {
    Request request;
    request.method = from.getMethod();
    const Poco::URI uri(from.getURI());
    request.path = uri.getPath();
    request.query = uri.getQuery();
    for (const auto& [name, value] : uri.getQueryParameters()) request.params[name] = value;
    for (const auto& [name, value] : from) request.headers.emplace_back(name, value);
    // A body without a length would be read until the client leaves; clients that pause or stop a
    // scan send none.
    if (!from.hasContentLength() && !from.getChunkedTransferEncoding()) return request;
    std::istream& in = from.stream();
    std::string block(16 * 1024, '\0');
    while (in) {
      in.read(block.data(), static_cast<std::streamsize>(block.size()));
      request.body.append(block, 0, static_cast<std::size_t>(in.gcount()));
      if (request.body.size() > largest_body) return {};
    }
    return request;
  }

  static void writeHead(const Reply& reply, net::HTTPServerResponse& response) {
    response.setStatusAndReason(static_cast<net::HTTPResponse::HTTPStatus>(reply.status));
    if (reply.status == 404) response.setReason("File not found");
    response.set("Server", "NessusWWW");
    response.set("X-Frame-Options", "DENY");
    response.set("X-Content-Type-Options", "nosniff");
    response.set("X-XSS-Protection", "1; mode=block");
    response.set("Strict-Transport-Security", "max-age=31536000; includeSubDomains");
    response.set("Content-Security-Policy",
                 "default-src 'self'; object-src 'none'; frame-ancestors 'none'");
    if (!reply.content_type.empty()) response.setContentType(reply.content_type);
    if (reply.content_type == "application/json" || reply.content_type.empty()) {
      response.set("Cache-Control", "no-cache, no-store, must-revalidate");
      response.set("Pragma", "no-cache");
      response.set("Expires", "0");
    }
    for (const auto& [name, value] : reply.headers) response.set(name, value);
    if (reply.close) response.setKeepAlive(false);
  }

  static void deliver(const Outcome& outcome, net::HTTPServerRequest& request,
                      net::HTTPServerResponse& response) {
    const Reply& reply = outcome.reply;
    if (outcome.delivery == Delivery::nothing) return cut(request, response);
    writeHead(reply, response);
    switch (outcome.delivery) {
      case Delivery::nothing: return;
      case Delivery::whole:
        if (reply.stream)
          response.setChunkedTransferEncoding(true);
        else
          response.setContentLength64(static_cast<Poco::Int64>(reply.body.size()));
        writeBody(reply, response.send());
        return;
      case Delivery::head_only:
        response.setContentLength64(static_cast<Poco::Int64>(sizeOf(reply)));
        response.send().flush();
        return cut(request, response);
      case Delivery::half_cut_off: {
        const std::uint64_t size = sizeOf(reply);
        response.setContentLength64(static_cast<Poco::Int64>(size));
        std::ostream& out = response.send();
        writeBodyUpTo(reply, size / 2, out);
        out.flush();
        return cut(request, response);
      }
      case Delivery::half_as_whole: {
        const std::uint64_t half = sizeOf(reply) / 2;
        response.setContentLength64(static_cast<Poco::Int64>(half));
        writeBodyUpTo(reply, half, response.send());
        return;
      }
    }
  }

  Exchange& exchange_;
};

class HandlerFactory : public net::HTTPRequestHandlerFactory {
 public:
  explicit HandlerFactory(Exchange& exchange) : exchange_(exchange) {}
  net::HTTPRequestHandler* createRequestHandler(const net::HTTPServerRequest&) override {
    return new Handler(exchange_);  // Poco deletes it
  }

 private:
  Exchange& exchange_;
};

}  // namespace

/// The descriptors of the connections that live, so that all can be shut from one place. Poco's
/// own way closes a TLS socket while its thread may be reading from it.
///
/// Safe to call from any thread.
class OpenConnections {
 public:
  /// False once shutAll() was called: the connection has come too late.
  bool enter(int descriptor) {
    const std::lock_guard lock(mutex_);
    if (!shut_) descriptors_.insert(descriptor);
    return !shut_;
  }
  /// To be called before the descriptor is closed, and may be used for another.
  void leave(int descriptor) {
    const std::lock_guard lock(mutex_);
    descriptors_.erase(descriptor);
  }
  void shutAll() {
    const std::lock_guard lock(mutex_);
    shut_ = true;
    for (const int descriptor : descriptors_) ::shutdown(descriptor, SHUT_RDWR);
  }

 private:
  std::mutex mutex_;
  std::set<int> descriptors_;
  bool shut_ = false;
};

namespace {

/// An HTTP connection that tells a client which speaks plain HTTP to a TLS port so.
class Connection : public net::TCPServerConnection {
 public:
  Connection(const net::StreamSocket& socket, OpenConnections& open, bool secure,
             net::HTTPServerParams::Ptr params, net::HTTPRequestHandlerFactory::Ptr factory)
      : TCPServerConnection(socket),
        open_(open),
        secure_(secure),
        params_(std::move(params)),
        factory_(std::move(factory)) {}

  void run() override {
    if (!open_.enter(descriptor())) return;
    serve();
    open_.leave(descriptor());
  }

 private:
  void serve() {
    socket().setSendTimeout(Poco::Timespan(connection_seconds, 0));
    if (secure_ && speaksPlainHttp()) return refusePlainHttp();
    try {
      net::HTTPServerConnection(socket(), params_, factory_).run();
    } catch (const Poco::Exception&) {
      // A failed TLS handshake or a client that left; there is no one to tell.
    }
  }

  int descriptor() { return static_cast<int>(socket().impl()->sockfd()); }

  bool speaksPlainHttp() {
    pollfd waiting{descriptor(), POLLIN, 0};
    char first = 0;
    return ::poll(&waiting, 1, connection_seconds * 1000) == 1 &&
           ::recv(descriptor(), &first, 1, MSG_PEEK) == 1 && first >= 'A' && first <= 'Z';
  }

  void refusePlainHttp() {
    static const std::string body =
        "<html><body>You are speaking plain HTTP to an SSL-enabled server port.</body></html>\n";
    static const std::string reply =
        "HTTP/1.1 400 Bad Request\r\nServer: NessusWWW\r\nConnection: close\r\n"
        "Content-Type: text/html\r\nContent-Length: " +
        std::to_string(body.size()) + "\r\n\r\n" + body;
    ::send(descriptor(), reply.data(), reply.size(), MSG_NOSIGNAL);
    ::shutdown(descriptor(), SHUT_RDWR);
  }

  OpenConnections& open_;
  bool secure_;
  net::HTTPServerParams::Ptr params_;
  net::HTTPRequestHandlerFactory::Ptr factory_;
};

class ConnectionFactory : public net::TCPServerConnectionFactory {
 public:
  ConnectionFactory(OpenConnections& open, bool secure, net::HTTPServerParams::Ptr params,
                    net::HTTPRequestHandlerFactory::Ptr factory)
      : open_(open), secure_(secure), params_(std::move(params)), factory_(std::move(factory)) {}
  net::TCPServerConnection* createConnection(const net::StreamSocket& socket) override {
    return new Connection(socket, open_, secure_, params_, factory_);  // Poco deletes it
  }

 private:
  OpenConnections& open_;
  bool secure_;
  net::HTTPServerParams::Ptr params_;
  net::HTTPRequestHandlerFactory::Ptr factory_;
};

}  // namespace

class Listener::Server {
 public:
  Server(const net::ServerSocket& socket, bool secure, Exchange& exchange)
      : pool_(2, most_connections),
        server_(new ConnectionFactory(open_, secure, httpParams(), new HandlerFactory(exchange)),
                pool_, socket, httpParams()) {
    server_.start();
  }
  ~Server() {
    server_.stop();
    open_.shutAll();
    pool_.joinAll();
  }

  std::uint16_t port() const { return server_.port(); }

 private:
  static net::HTTPServerParams::Ptr httpParams() {
    net::HTTPServerParams::Ptr params = new net::HTTPServerParams;
    params->setMaxThreads(most_connections);
    params->setMaxQueued(most_connections);
    params->setKeepAlive(true);
    params->setKeepAliveTimeout(Poco::Timespan(connection_seconds, 0));
    params->setTimeout(Poco::Timespan(connection_seconds, 0));
    return params;
  }

  OpenConnections open_;
  Poco::ThreadPool pool_;
  net::TCPServer server_;
};

Listener::Listener(std::unique_ptr<Server> server) : server_(std::move(server)) {}
Listener::~Listener() = default;

Result<std::unique_ptr<Listener>> Listener::open(
    const Address& address, const std::optional<testing_support::Certificate>& certificate,
    Exchange& exchange) {
  try {
    const net::SocketAddress where(address.host, address.port);
    net::ServerSocket socket;
    if (certificate) {
      auto context = testing_support::serverContext(*certificate);
      if (!context) return tl::unexpected(context.error());
      socket = net::SecureServerSocket(where, 64, *context);
    } else {
      socket = net::ServerSocket(where, 64);
    }
    return std::unique_ptr<Listener>(
        new Listener(std::make_unique<Server>(socket, certificate.has_value(), exchange)));
  } catch (const Poco::Exception& error) {
    return fail(ErrorClass::config, "cannot listen on " + address.host + ":" +
                                        std::to_string(address.port) + ": " + error.displayText());
  }
}

std::uint16_t Listener::port() const {
  return server_->port();
}

}  // namespace scanhost::simulator
