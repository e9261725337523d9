// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

#include "plugins/queue/redis/redis_connection.h"

#include <Poco/Exception.h>
#include <Poco/Net/NetException.h>
#include <Poco/Net/SecureStreamSocket.h>
#include <Poco/Net/SocketAddress.h>
#include <Poco/Timespan.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>

#include "plugins/shared/tls/client_context.h"

namespace scanhost::queue_redis {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

/// Nothing came, and nothing had to.
struct Quiet {};

constexpr milliseconds look_around{200};  ///< how often a waiting exchange asks whether to go on

Poco::Timespan toTimespan(milliseconds time) {
  return {static_cast<Poco::Timespan::TimeDiff>(time.count() * 1000)};
}

}  // namespace

RedisConnection::RedisConnection(const Config& config, const Address& address, const Login& login,
                                 const Call& call)
    : config_(config),
      address_(address),
      trust_(config.tls ? config.tls->trust : tls::Trust(), address.host),
      reader_([this](char* buffer, std::size_t size) { return receive(buffer, size); }) {
  call.check();
  connect();
  logIn(login, call);
}

void RedisConnection::connect() {
  try {
    const Poco::Timespan wait = toTimespan(config_.connect_timeout);
    socket_.connect(Poco::Net::SocketAddress(address_.host, address_.port), wait);
    socket_.setReceiveTimeout(wait);
    socket_.setSendTimeout(wait);
    socket_.setNoDelay(true);
    socket_.setKeepAlive(true);
    if (config_.tls)
      socket_ = Poco::Net::SecureStreamSocket::attach(
          socket_, address_.host,
          tls::clientContext(trust_, config_.tls->certificate, config_.tls->key));
    socket_.setReceiveTimeout(toTimespan(look_around));
    socket_.setSendTimeout(toTimespan(look_around));
  } catch (const Poco::Exception& error) {
    if (trust_.refused())
      throw PluginError(ErrorClass::config, "queue-redis: " + trust_.refusal(address_.text()),
                        ErrorSubject::backend);
    throw ConnectionLost(address_.text() + " cannot be reached: " + error.displayText());
  }
}

void RedisConnection::logIn(const Login& login, const Call& call) {
  std::vector<Command> commands;
  if (!login.password.empty()) {
    Command& auth = commands.emplace_back();
    auth << "AUTH";
    if (!login.username.empty()) auth << login.username;
    auth << login.password;
  }
  if (config_.database != 0) {
    Command& select = commands.emplace_back();
    select << "SELECT" << std::to_string(config_.database);
  }
  if (commands.empty()) return;
  for (const Reply& reply : exchange(commands, call)) throwIfError(reply);
}

std::vector<Reply> RedisConnection::exchange(std::span<const Command> commands, const Call& call,
                                             milliseconds patience) {
  call_ = &call;
  silence_ = config_.timeout + patience;
  may_stay_quiet_ = false;
  std::string bytes;
  for (const Command& command : commands) bytes += command.toString();
  send(bytes);
  std::vector<Reply> replies;
  replies.reserve(commands.size());
  while (replies.size() < commands.size()) replies.push_back(read());
  return replies;
}

Reply RedisConnection::exchange(const Command& command, const Call& call, milliseconds patience) {
  return exchange(std::span(&command, 1), call, patience).front();
}

void RedisConnection::post(const Command& command, const Call& call) {
  call_ = &call;
  silence_ = config_.timeout;
  send(command.toString());
}

std::optional<Reply> RedisConnection::await(milliseconds wait, const Call& call) {
  call_ = &call;
  silence_ = wait;
  may_stay_quiet_ = true;
  try {
    return read();
  } catch (const Quiet&) {
    return std::nullopt;
  }
}

Reply RedisConnection::read() {
  try {
    return reader_.read();
  } catch (const ProtocolError& error) {
    throw ProtocolError(address_.text() + ": " + error.what());
  }
}

void RedisConnection::send(const std::string& bytes) {
  const auto until = steady_clock::now() + config_.timeout;
  std::size_t sent = 0;
  while (sent < bytes.size()) try {
      const int done =
          socket_.sendBytes(bytes.data() + sent, static_cast<int>(bytes.size() - sent));
      if (done <= 0) throw ConnectionLost(address_.text() + " closed the connection");
      sent += static_cast<std::size_t>(done);
    } catch (const Poco::TimeoutException&) {
      goOnUntil(until);
    } catch (const Poco::Exception& error) {
      throw ConnectionLost(address_.text() + ": " + error.displayText());
    }
}

std::size_t RedisConnection::receive(char* buffer, std::size_t size) {
  const auto until = steady_clock::now() + silence_;
  for (;;) try {
      const int got = socket_.receiveBytes(buffer, static_cast<int>(size));
      if (got <= 0) throw ConnectionLost(address_.text() + " closed the connection");
      may_stay_quiet_ = false;
      silence_ = std::max(silence_, config_.timeout);
      return static_cast<std::size_t>(got);
    } catch (const Poco::TimeoutException&) {
      goOnUntil(until);
    } catch (const Poco::Exception& error) {
      throw ConnectionLost(address_.text() + ": " + error.displayText());
    }
}

/// Nothing moved for a moment: returns to go on, or throws why not.
void RedisConnection::goOnUntil(steady_clock::time_point until) const {
  call_->check();
  if (steady_clock::now() < until) return;
  if (may_stay_quiet_) throw Quiet();
  throw ConnectionLost(address_.text() + " does not answer in time");
}

bool RedisConnection::stale() const {
  if (reader_.hasBuffered()) return true;
  char byte;
  const ssize_t got = recv(socket_.impl()->sockfd(), &byte, sizeof byte, MSG_PEEK | MSG_DONTWAIT);
  return got >= 0 || (errno != EAGAIN && errno != EWOULDBLOCK);
}

}  // namespace scanhost::queue_redis
