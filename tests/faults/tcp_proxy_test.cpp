// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// What a proxy does to a conversation with a server that says everything back.
#include "tests/faults/tcp_proxy.h"

#include <Poco/Net/NetException.h>
#include <Poco/Net/StreamSocket.h>
#include <gtest/gtest.h>

#include <array>

namespace scanhost::faults {
namespace {

using namespace std::chrono_literals;

class Echo {
 public:
  Echo() : thread_([this] { run(); }) {}
  ~Echo() {
    stopping_ = true;
    thread_.join();
  }
  unsigned short port() const { return listener_.address().port(); }

 private:
  void run() {
    std::list<Poco::Net::StreamSocket> sockets;
    while (!stopping_) {
      if (listener_.poll(Poco::Timespan(0, 5'000), Poco::Net::Socket::SELECT_READ))
        sockets.push_back(listener_.acceptConnection());
      sockets.remove_if([](Poco::Net::StreamSocket& socket) { return !answer(socket); });
    }
  }
  static bool answer(Poco::Net::StreamSocket& socket) {
    try {
      std::array<char, 100> block;
      if (!socket.poll(Poco::Timespan(), Poco::Net::Socket::SELECT_READ)) return true;
      const int got = socket.receiveBytes(block.data(), static_cast<int>(block.size()));
      if (got > 0) socket.sendBytes(block.data(), got);
      return got > 0;
    } catch (const Poco::Exception&) {
      return false;
    }
  }

  Poco::Net::ServerSocket listener_{Poco::Net::SocketAddress("127.0.0.1", 0)};
  std::atomic<bool> stopping_{false};
  std::thread thread_;
};

class Proxied : public testing::Test {
 protected:
  Proxied() {
    socket_.connect(Poco::Net::SocketAddress("127.0.0.1", proxy_.port()));
    socket_.setReceiveTimeout(Poco::Timespan(5, 0));
  }
  /// "" when the connection ended.
  std::string say(const std::string& text) {
    std::array<char, 100> block;
    socket_.sendBytes(text.data(), static_cast<int>(text.size()));
    const int got = socket_.receiveBytes(block.data(), static_cast<int>(block.size()));
    return std::string(block.data(), static_cast<std::size_t>(got));
  }

  Echo echo_;
  TcpProxy proxy_{echo_.port()};
  Poco::Net::StreamSocket socket_;
};

TEST_F(Proxied, AWholeNetworkForwardsBothWays) {
  EXPECT_EQ(say("hello"), "hello");
  EXPECT_EQ(say("again"), "again");
}

TEST_F(Proxied, AHoleSwallowsUntilItIsMended) {
  EXPECT_EQ(say("a"), "a");
  proxy_.set(Network::hole);
  socket_.setReceiveTimeout(Poco::Timespan(0, 300'000));
  std::this_thread::sleep_for(50ms);
  EXPECT_THROW(say("b"), Poco::TimeoutException);
  proxy_.set(Network::whole);
  socket_.setReceiveTimeout(Poco::Timespan(5, 0));
  std::array<char, 10> block;
  EXPECT_EQ(socket_.receiveBytes(block.data(), 10), 1);
}

TEST_F(Proxied, ACutEndsConnectionsAndNewOnes) {
  EXPECT_EQ(say("a"), "a");
  proxy_.set(Network::cut);
  std::array<char, 10> block;
  EXPECT_EQ(socket_.receiveBytes(block.data(), 10), 0);
  Poco::Net::StreamSocket other;
  other.connect(Poco::Net::SocketAddress("127.0.0.1", proxy_.port()));
  EXPECT_EQ(other.receiveBytes(block.data(), 10), 0);
}

TEST_F(Proxied, AResetIsAnError) {
  EXPECT_EQ(say("a"), "a");
  proxy_.set(Network::reset);
  std::array<char, 10> block;
  EXPECT_THROW(socket_.receiveBytes(block.data(), 10), Poco::Net::ConnectionResetException);
}

TEST_F(Proxied, ALateNetworkTakesItsTime) {
  proxy_.set(Network::late);
  std::this_thread::sleep_for(50ms);
  const auto before = std::chrono::steady_clock::now();
  EXPECT_EQ(say("a"), "a");
  EXPECT_GE(std::chrono::steady_clock::now() - before, 2 * TcpProxy::lateness);
}

}  // namespace
}  // namespace scanhost::faults
