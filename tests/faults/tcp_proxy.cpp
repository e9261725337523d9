// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "tests/faults/tcp_proxy.h"

#include <Poco/Net/NetException.h>
#include <Poco/Net/SocketAddress.h>
#include <Poco/Net/StreamSocket.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <vector>

namespace scanhost::faults {
namespace {

constexpr int tick_ms = 10;
constexpr std::size_t most_held = 256 * 1024;

int handleOf(const Poco::Net::Socket& socket) {
  return socket.impl()->sockfd();
}

bool wouldBlock() {
  return errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR;
}

void resetAtClose(Poco::Net::StreamSocket& socket) {
  socket.setLinger(true, 0);
}

}  // namespace

const char* nameOf(Network network) {
  switch (network) {
    case Network::whole: return "whole";
    case Network::late: return "late";
    case Network::hole: return "hole";
    case Network::cut: return "cut";
    case Network::reset: return "reset";
  }
  return "?";
}

TcpProxy::TcpProxy(unsigned short target_port)
    : target_port_(target_port),
      listener_(Poco::Net::SocketAddress("127.0.0.1", 0)),
      port_(listener_.address().port()) {
  fcntl(handleOf(listener_), F_SETFD, FD_CLOEXEC);
  listener_.setBlocking(false);
  thread_ = std::thread([this] { run(); });
}

TcpProxy::~TcpProxy() {
  stopping_ = true;
  thread_.join();
}

void TcpProxy::run() {
  Network last = Network::whole;
  while (!stopping_) {
    const Network network = network_;
    if (network != last && (network == Network::cut || network == Network::reset))
      endAll(network == Network::reset);
    last = network;
    wait(network);
    acceptOne(network);
    for (Connection& connection : connections_) move(connection, network);
    connections_.remove_if([](const Connection& connection) {
      return connection.broken || (connection.out.closed && connection.back.closed);
    });
  }
}

void TcpProxy::wait(Network network) {
  std::vector<pollfd> watched = {{handleOf(listener_), POLLIN, 0}};
  for (const Connection& connection : connections_)
    for (const Pipe* pipe : {&connection.out, &connection.back}) {
      const bool wants = network != Network::hole && !pipe->closing && pipe->held < most_held;
      if (wants) watched.push_back({pipe->from, POLLIN, 0});
      if (pipe->held > 0 && network == Network::whole) watched.push_back({pipe->to, POLLOUT, 0});
    }
  poll(watched.data(), watched.size(), tick_ms);
}

void TcpProxy::acceptOne(Network network) {
  try {
    Poco::Net::StreamSocket near = listener_.acceptConnection();
    fcntl(handleOf(near), F_SETFD, FD_CLOEXEC);
    if (network == Network::reset) resetAtClose(near);
    if (network == Network::cut || network == Network::reset) return near.close();
    Connection& connection = connections_.emplace_back();
    connection.near = near;
    connection.far.connect(Poco::Net::SocketAddress("127.0.0.1", target_port_));
    fcntl(handleOf(connection.far), F_SETFD, FD_CLOEXEC);
    for (Poco::Net::StreamSocket* socket : {&connection.near, &connection.far}) {
      socket->setBlocking(false);
      socket->setNoDelay(true);
    }
    connection.out.from = connection.back.to = handleOf(connection.near);
    connection.out.to = connection.back.from = handleOf(connection.far);
  } catch (const Poco::TimeoutException&) {
    // Nobody asked.
  } catch (const Poco::Exception&) {
    // Nobody asked, or the target does not listen: then the one who asked is hung up on.
    if (!connections_.empty() && connections_.back().out.from < 0) connections_.pop_back();
  }
}

void TcpProxy::move(Connection& connection, Network network) {
  if (network == Network::hole) return;
  for (Pipe* pipe : {&connection.out, &connection.back}) {
    read(connection, *pipe, network);
    write(connection, *pipe);
  }
}

void TcpProxy::read(Connection& connection, Pipe& pipe, Network network) {
  std::array<char, 65536> block;
  while (!pipe.closing && !connection.broken && pipe.held < most_held) {
    const ssize_t got = recv(pipe.from, block.data(), block.size(), MSG_DONTWAIT);
    if (got < 0) {
      connection.broken = !wouldBlock();
      return;
    }
    if (got == 0) {
      pipe.closing = true;
      return;
    }
    const auto due = Clock::now() + (network == Network::late ? lateness : Clock::duration{});
    pipe.pieces.push_back({due, std::string(block.data(), static_cast<std::size_t>(got))});
    pipe.held += static_cast<std::size_t>(got);
  }
}

void TcpProxy::write(Connection& connection, Pipe& pipe) {
  while (!pipe.pieces.empty() && !connection.broken && pipe.pieces.front().due <= Clock::now()) {
    std::string& bytes = pipe.pieces.front().bytes;
    const ssize_t sent = send(pipe.to, bytes.data(), bytes.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
    if (sent < 0) {
      connection.broken = !wouldBlock();
      return;
    }
    pipe.held -= static_cast<std::size_t>(sent);
    bytes.erase(0, static_cast<std::size_t>(sent));
    if (bytes.empty()) pipe.pieces.pop_front();
  }
  if (pipe.pieces.empty() && pipe.closing && !pipe.closed) {
    shutdown(pipe.to, SHUT_WR);
    pipe.closed = true;
  }
}

void TcpProxy::endAll(bool by_reset) {
  if (by_reset)
    for (Connection& connection : connections_)
      for (Poco::Net::StreamSocket* socket : {&connection.near, &connection.far})
        resetAtClose(*socket);
  connections_.clear();
}

}  // namespace scanhost::faults
