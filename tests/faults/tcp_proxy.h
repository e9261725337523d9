// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// A network between two programs that can be cut: forwards a free loopback port to another port.
///
/// One thread per proxy does all its work; the methods may be called from any thread.
#pragma once

#include <Poco/Net/ServerSocket.h>

#include <atomic>
#include <chrono>
#include <deque>
#include <list>
#include <string>
#include <thread>

namespace scanhost::faults {

enum class Network {
  whole,
  late,   ///< every byte arrives half a second later
  hole,   ///< connections stand, nothing arrives
  cut,    ///< connections end, and new ones end at once
  reset,  ///< the same with a reset in place of an end
};
const char* nameOf(Network network);

class TcpProxy {
 public:
  static constexpr std::chrono::milliseconds lateness{500};

  explicit TcpProxy(unsigned short target_port);
  ~TcpProxy();
  TcpProxy(const TcpProxy&) = delete;
  TcpProxy& operator=(const TcpProxy&) = delete;

  unsigned short port() const { return port_; }
  void set(Network network) { network_ = network; }

 private:
  using Clock = std::chrono::steady_clock;

  /// One direction of a connection.
  struct Pipe {
    struct Piece {
      Clock::time_point due;
      std::string bytes;
    };
    int from = -1;
    int to = -1;
    bool closing = false;  ///< `from` said its last
    bool closed = false;   ///< and `to` was told
    std::size_t held = 0;
    std::deque<Piece> pieces;
  };
  struct Connection {
    Poco::Net::StreamSocket near;
    Poco::Net::StreamSocket far;
    Pipe out;
    Pipe back;
    bool broken = false;
  };

  void run();
  void acceptOne(Network network);
  void wait(Network network);
  void move(Connection& connection, Network network);
  static void read(Connection& connection, Pipe& pipe, Network network);
  static void write(Connection& connection, Pipe& pipe);
  void endAll(bool by_reset);

  const unsigned short target_port_;
  Poco::Net::ServerSocket listener_;
  const unsigned short port_;
  std::list<Connection> connections_;
  std::atomic<Network> network_{Network::whole};
  std::atomic<bool> stopping_{false};
  std::thread thread_;
};

}  // namespace scanhost::faults
