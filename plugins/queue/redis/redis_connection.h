// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// One connection to a Redis server or a Sentinel: Poco's wire types over a socket of our own, for
/// Poco's Client sets no TCP_NODELAY, knows no TLS and does not come back.
///
/// For one thread at a time. After ConnectionLost or ProtocolError it is of no more use.
#pragma once

#include <Poco/Net/StreamSocket.h>
#include <Poco/Redis/Command.h>
#include <scanhost/call.h>

#include <chrono>
#include <memory>
#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <vector>

#include "plugins/queue/redis/config.h"
#include "plugins/queue/redis/reply.h"
#include "plugins/shared/tls/server_trust.h"

namespace scanhost::queue_redis {

/// The server cannot be reached, or the connection broke: what was sent may or may not have been
/// done.
class ConnectionLost : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

class RedisConnection {
 public:
  using Command = Poco::Redis::Array;

  /// Connects and logs in. Throws ConnectionLost, ServerError, or PluginError (config) for a
  /// certificate that is not trusted.
  RedisConnection(const Config& config, const Address& address, const Login& login,
                  const Call& call);
  RedisConnection(const RedisConnection&) = delete;
  RedisConnection& operator=(const RedisConnection&) = delete;

  /// Sends all commands at once and reads their answers, errors included, in order. `patience` is
  /// how long the server may block before it answers, over the usual timeout.
  std::vector<Reply> exchange(std::span<const Command> commands, const Call& call,
                              std::chrono::milliseconds patience = {});
  Reply exchange(const Command& command, const Call& call, std::chrono::milliseconds patience = {});

  /// Sends a command without waiting for its answer.
  void post(const Command& command, const Call& call);
  /// The next answer or message, or nothing when none begins within `wait`.
  std::optional<Reply> await(std::chrono::milliseconds wait, const Call& call);

  /// True when the server closed it, or sent what nobody asked for.
  bool stale() const;
  const Address& address() const { return address_; }

 private:
  void connect();
  void logIn(const Login& login, const Call& call);
  void send(const std::string& bytes);
  std::size_t receive(char* buffer, std::size_t size);
  void goOnUntil(std::chrono::steady_clock::time_point until) const;
  Reply read();

  const Config& config_;
  const Address address_;
  tls::ServerTrust trust_;
  Poco::Net::StreamSocket socket_;
  ReplyReader reader_;
  const Call* call_ = nullptr;            ///< of the exchange under way
  std::chrono::milliseconds silence_{0};  ///< longest that is borne
  bool may_stay_quiet_ = false;           ///< until the first byte comes
};

}  // namespace scanhost::queue_redis
