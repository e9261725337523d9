// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

#include "plugins/queue/redis/server_finder.h"

#include <charconv>

namespace scanhost::queue_redis {

Address ServerFinder::find(const Call& call) {
  if (!usesSentinel()) return config_.address;
  std::size_t first;
  {
    const std::lock_guard lock(mutex_);
    first = first_;
  }
  std::string reason;
  for (std::size_t i = 0; i < config_.sentinels.size(); ++i) {
    const std::size_t at = (first + i) % config_.sentinels.size();
    try {
      const Address found = ask(config_.sentinels[at], call);
      const std::lock_guard lock(mutex_);
      first_ = at;
      return found;
    } catch (const ConnectionLost& lost) {
      reason = lost.what();
    } catch (const ProtocolError& error) {
      reason = error.what();
    } catch (const ServerError& error) {
      reason = config_.sentinels[at].text() + ": " + error.what();
    }
  }
  throw ConnectionLost("no Sentinel names a master '" + config_.master_name + "': " + reason);
}

Address ServerFinder::ask(const Address& sentinel, const Call& call) const {
  Config config = config_;
  config.database = 0;
  RedisConnection connection(config, sentinel, config_.sentinel_login, call);
  RedisConnection::Command question;
  question << "SENTINEL"
           << "get-master-addr-by-name" << config_.master_name;
  const Reply reply = connection.exchange(question, call);
  const auto answer = itemsOf(reply);
  if (answer.size() != 2)
    throw ConnectionLost(sentinel.text() + " knows no master '" + config_.master_name + "'");
  Address found{textOf(answer[0]), 0};
  const std::string port = textOf(answer[1]);
  std::from_chars(port.data(), port.data() + port.size(), found.port);
  if (found.host.empty() || found.port == 0)
    throw ProtocolError(sentinel.text() + " names a master without host or port");
  return found;
}

void ServerFinder::confirm(RedisConnection& connection, const Call& call) const {
  if (!usesSentinel()) return;
  RedisConnection::Command question;
  question << "ROLE";
  const Reply reply = connection.exchange(question, call);
  if (reply->isError()) return;  // an ACL that forbids the question; a write will tell
  const auto answer = itemsOf(reply);
  if (answer.empty() || textOf(answer[0]) != "master")
    throw ConnectionLost(connection.address().text() + " is no master (any more)");
}

}  // namespace scanhost::queue_redis
