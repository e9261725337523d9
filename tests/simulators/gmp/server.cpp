// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "tests/simulators/gmp/server.h"

#include <Poco/Exception.h>
#include <Poco/Net/SecureServerSocket.h>
#include <Poco/Net/TCPServer.h>
#include <Poco/Net/TCPServerConnection.h>
#include <Poco/Net/TCPServerConnectionFactory.h>
#include <Poco/Timespan.h>
#include <libxml/parser.h>

#include <array>
#include <atomic>
#include <stdexcept>

#include "tests/support/server_context.h"

namespace scanhost::simulator_gmp {
namespace {

namespace net = Poco::Net;

constexpr long look_around_us = 100'000;

struct FreeDocument {
  void operator()(xmlDoc* document) const { xmlFreeDoc(document); }
};
using Document = std::unique_ptr<xmlDoc, FreeDocument>;

/// The command, once all of it has come; null before.
Document parse(const std::string& text) {
  return Document(xmlReadMemory(text.data(), static_cast<int>(text.size()), nullptr, nullptr,
                                XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING));
}

constexpr const char* bomb =
    "<?xml version=\"1.0\"?><!DOCTYPE a [<!ENTITY x \"ha\"><!ENTITY y \"&x;&x;&x;&x;\">]>"
    "<get_tasks_response status=\"200\" status_text=\"OK\"><task><name>&y;</name></task>"
    "</get_tasks_response>";

}  // namespace

struct Server::Listening {
  Listening(Server& server, std::uint16_t port, const net::Context::Ptr& context);
  std::atomic<bool> over{false};
  std::unique_ptr<net::TCPServer> tcp;
};

class Server::Connection : public net::TCPServerConnection {
 public:
  Connection(const net::StreamSocket& socket, Server& server, const std::atomic<bool>& over)
      : TCPServerConnection(socket), server_(server), over_(over) {}

  void run() override {
    try {
      socket().setReceiveTimeout(Poco::Timespan(0, look_around_us));
      while (serveOne()) {
      }
    } catch (const Poco::Exception&) {
      // The client went away, or did not trust us.
    }
  }

 private:
  bool serveOne() {
    std::string text;
    Document command;
    while (!command) {
      if (!receive(text)) return false;
      command = parse(text);
    }
    const xmlNode* root = xmlDocGetRootElement(command.get());
    Fault fault{};
    if (!server_.takeFault(reinterpret_cast<const char*>(root->name), fault))
      return send(server_.manager_.answer(root, logged_in_).xml);
    return misbehave(root, fault);
  }

  bool misbehave(const xmlNode* root, Fault fault) {
    const std::string name = reinterpret_cast<const char*>(root->name);
    switch (fault) {
      case Fault::drop_before: return false;
      case Fault::refuse:
        return send("<" + name + "_response status=\"503\" status_text=\"Service unavailable\"/>");
      case Fault::entity_bomb: return send(bomb);
      case Fault::not_xml: return send("HTTP/1.1 400 Bad Request\r\n\r\n");
      case Fault::never_ending:
        send("<" + name + "_response status=\"200\" status_text=\"OK\">");
        while (!over_ && send("<task><name>" + std::string(60'000, 'x') + "</name></task>")) {
        }
        return false;
      default: break;
    }
    const std::string xml = server_.manager_.answer(root, logged_in_).xml;
    if (fault == Fault::cut_off) send(xml.substr(0, xml.size() / 2));
    std::string rest;
    while (fault == Fault::silent && receive(rest)) {
    }
    return false;
  }

  bool receive(std::string& text) {
    std::array<char, 16'384> piece;
    while (!over_) {
      int got = -1;
      try {
        got = socket().receiveBytes(piece.data(), static_cast<int>(piece.size()));
      } catch (const Poco::TimeoutException&) {
        continue;
      }
      if (got == 0) return false;
      if (got < 0) continue;
      text.append(piece.data(), static_cast<std::size_t>(got));
      return true;
    }
    return false;
  }

  bool send(std::string_view text) {
    while (!text.empty()) {
      const int sent = socket().sendBytes(text.data(), static_cast<int>(text.size()));
      if (sent <= 0) return false;
      text.remove_prefix(static_cast<std::size_t>(sent));
    }
    return true;
  }

  Server& server_;
  const std::atomic<bool>& over_;
  bool logged_in_ = false;
};

class Server::Factory : public net::TCPServerConnectionFactory {
 public:
  Factory(Server& server, const std::atomic<bool>& over) : server_(server), over_(over) {}
  net::TCPServerConnection* createConnection(const net::StreamSocket& socket) override {
    return new Connection(socket, server_, over_);  // Poco deletes it
  }

 private:
  Server& server_;
  const std::atomic<bool>& over_;
};

Server::Listening::Listening(Server& server, std::uint16_t port, const net::Context::Ptr& context)
    : tcp(std::make_unique<net::TCPServer>(
          new Factory(server, over),
          net::SecureServerSocket(net::SocketAddress("127.0.0.1", port), 64, context))) {
  tcp->start();
}

Server::Server(Manager::Options options, std::uint16_t port) : manager_(std::move(options)) {
  const auto certificate = testing_support::makeSelfSigned("127.0.0.1");
  if (!certificate) throw std::runtime_error(certificate.error().message);
  fingerprint_ = certificate->fingerprint;
  certificate_ = certificate->chain_pem;
  const auto context = testing_support::serverContext(*certificate);
  if (!context) throw std::runtime_error(context.error().message);
  listening_ = std::make_unique<Listening>(*this, port, *context);
}

Server::~Server() {
  listening_->over = true;
  listening_->tcp->stop();
  while (listening_->tcp->currentThreads() > 0 && listening_->tcp->currentConnections() > 0)
    Poco::Thread::sleep(10);
}

std::uint16_t Server::port() const {
  return listening_->tcp->port();
}

void Server::misbehave(const std::string& command, Fault fault, int times) {
  const std::lock_guard lock(mutex_);
  rules_.push_back({command, fault, times});
}

bool Server::takeFault(const std::string& command, Fault& fault) {
  const std::lock_guard lock(mutex_);
  for (Rule& rule : rules_) {
    if (rule.command != command || rule.times == 0) continue;
    --rule.times;
    fault = rule.fault;
    return true;
  }
  return false;
}

}  // namespace scanhost::simulator_gmp
