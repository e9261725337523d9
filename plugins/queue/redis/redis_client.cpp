// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

#include "plugins/queue/redis/redis_client.h"

#include "plugins/queue/redis/script_batch.h"

namespace scanhost::queue_redis {
namespace {

[[noreturn]] void failTransient(const std::string& message) {
  throw PluginError(ErrorClass::transient, "queue-redis: " + message, ErrorSubject::backend);
}

/// A script's answer: the server is not the one to write to, or not ready; nothing was done.
bool isElsewhere(std::string_view code) {
  return code == "READONLY" || code == "LOADING" || code == "MASTERDOWN";
}

}  // namespace

std::string remedyFor(std::string_view code) {
  if (code == "NOAUTH" || code == "WRONGPASS")
    return "; check username and password, and the server's ACL";
  if (code == "NOPERM") return "; README.md of queue-redis names the ACL that it needs";
  if (code == "OOM") return "; raise maxmemory or remove ended tasks";
  if (code == "MISCONF") return "; its disk refuses writes";
  if (code == "NOREPLICAS") return "; too few replicas follow it: look at min-replicas-to-write";
  if (code == "WRONGTYPE") return "; a foreign key stands under our prefix: use another prefix";
  if (code == "READONLY") return "; it is a replica: name the master, or use sentinels";
  if (code == "MOVED" || code == "CROSSSLOT" || code == "CLUSTERDOWN")
    return "; Redis Cluster is not served: use one server, or Sentinel";
  return "";
}

namespace {

[[noreturn]] void failByServer(const std::string& where, const ServerError& error) {
  if (error.code() == "DAMAGED")
    throw PluginError(ErrorClass::internal,
                      "queue-redis: " + where + ": the record of task " +
                          std::string(error.what()).substr(error.code().size() + 1) +
                          "; look at it with redis-cli HGETALL, and mend or remove it",
                      ErrorSubject::backend);
  failTransient(where + ": " + std::string(error.what()).substr(0, 500) + remedyFor(error.code()));
}

/// Up to so many single calls go by themselves, quicker where there are few; more share trips.
constexpr int most_alone = 2;

/// Counts a call while it is under way.
class UnderWay {
 public:
  explicit UnderWay(std::atomic<int>& count) : count_(count), before_(count++) {}
  ~UnderWay() { --count_; }
  UnderWay(const UnderWay&) = delete;
  UnderWay& operator=(const UnderWay&) = delete;
  int before() const { return before_; }

 private:
  std::atomic<int>& count_;
  const int before_;
};

}  // namespace

template <class Work>
std::vector<Reply> RedisClient::onConnection(Repeat repeat, Call& context, Work&& work) {
  for (int attempt = 0;; ++attempt) {
    bool sent = false;
    try {
      ConnectionPool::Borrowed connection = pool_.borrow(context);
      sent = true;
      try {
        return work(*connection);
      } catch (const ServerError& error) {
        if (isElsewhere(error.code())) connection.drop();
        if (!isElsewhere(error.code()) || attempt > 0) throw;
      } catch (...) {
        connection.drop();
        throw;
      }
    } catch (const ConnectionLost& lost) {
      if (!sent || repeat == Repeat::no || attempt > 0) failTransient(lost.what());
    } catch (const ProtocolError& error) {
      failTransient(error.what());
    } catch (const ServerError& error) {
      failByServer(config_.where(), error);
    }
  }
}

RedisClient::RedisClient(const Config& config)
    : config_(config),
      pool_(config),
      shared_([this](std::span<const ScriptCall> calls, bool wait, Call& context) {
        return trip(calls, wait, context);
      }) {}

void RedisClient::close() {
  shared_.close();
  pool_.close();
}

Reply RedisClient::run(const ScriptCall& call, Repeat repeat, Call& context, Wait wait) {
  const UnderWay others(under_way_);
  if (others.before() < most_alone) return run(std::span(&call, 1), repeat, context, wait).front();
  try {
    const bool waits = wait == Wait::yes && config_.wait_replicas > 0;
    const Reply reply = shared_.run(call, waits, context);
    throwIfError(reply);
    return reply;
  } catch (const ConnectionLost& lost) {
    if (repeat == Repeat::no) failTransient(lost.what());
  } catch (const ProtocolError& error) {
    failTransient(error.what());
  } catch (const ServerError& error) {
    if (!isElsewhere(error.code())) failByServer(config_.where(), error);
  }
  return run(std::span(&call, 1), repeat, context, wait).front();
}

std::vector<Reply> RedisClient::run(std::span<const ScriptCall> calls, Repeat repeat, Call& context,
                                    Wait wait) {
  return onConnection(repeat, context, [&](RedisConnection& connection) {
    std::vector<Reply> replies = exchange(connection, calls, wait == Wait::yes, context);
    for (const Reply& reply : replies) throwIfError(reply);
    return replies;
  });
}

std::vector<Reply> RedisClient::trip(std::span<const ScriptCall> calls, bool wait, Call& context) {
  ConnectionPool::Borrowed connection = pool_.borrow(context);
  try {
    std::vector<Reply> replies = exchange(*connection, calls, wait, context);
    for (const Reply& reply : replies)
      if (reply->isError() && isElsewhere(errorOf(reply).code())) {
        connection.drop();
        break;
      }
    return replies;
  } catch (...) {
    connection.drop();
    throw;
  }
}

std::vector<Reply> RedisClient::commands(std::span<const RedisConnection::Command> commands,
                                         Call& context, std::chrono::milliseconds patience) {
  return onConnection(Repeat::yes, context, [&](RedisConnection& connection) {
    return connection.exchange(commands, context, patience);
  });
}

std::vector<Reply> RedisClient::exchange(RedisConnection& connection,
                                         std::span<const ScriptCall> calls, bool wait,
                                         Call& context) {
  const bool waits = wait && config_.wait_replicas > 0;
  const auto patience = waits ? config_.timeout : std::chrono::milliseconds(0);
  const ScriptBatch batch(calls);
  std::vector<RedisConnection::Command> commands;
  commands.reserve(batch.size() + 1);
  for (std::size_t i = 0; i < batch.size(); ++i) commands.push_back(batch.command(i));
  if (waits)
    commands.emplace_back() << "WAIT" << std::to_string(config_.wait_replicas)
                            << std::to_string(config_.timeout.count());
  std::vector<Reply> replies = connection.exchange(commands, context, patience);
  Reply replicas = waits ? replies.back() : Reply();
  replies.resize(batch.size());
  if (teach(connection, batch, replies, context) && waits)
    replicas = connection.exchange(commands.back(), context, patience);
  if (waits && replicas->isError())  // UNBLOCKED: it is no master any more, but did the write
    failTransient("whether replicas of " + config_.where() +
                  " took the write is not known: " + errorOf(replicas).what());
  if (waits && integerOf(replicas) < config_.wait_replicas)
    failTransient("only " + std::to_string(integerOf(replicas)) + " of " +
                  std::to_string(config_.wait_replicas) + " replicas of " + config_.where() +
                  " took the write in time");
  return batch.shareOut(replies);
}

/// Loads the scripts that the server does not know (any more) and runs their commands again; false
/// when it knew all.
bool RedisClient::teach(RedisConnection& connection, const ScriptBatch& batch,
                        std::vector<Reply>& replies, Call& context) {
  std::vector<RedisConnection::Command> commands;
  std::vector<std::size_t> unknown;
  for (std::size_t i = 0; i < batch.size(); ++i) {
    if (!replies[i]->isError()) continue;
    if (errorOf(replies[i]).code() != "NOSCRIPT") continue;
    unknown.push_back(i);
    RedisConnection::Command& load = commands.emplace_back();
    load << "SCRIPT"
         << "LOAD" << batch.source(i).text;
    commands.push_back(batch.command(i));
  }
  if (unknown.empty()) return false;
  const std::vector<Reply> taught = connection.exchange(commands, context);
  for (std::size_t i = 0; i < unknown.size(); ++i) {
    // Its own error, when it cannot be taught: its fellows may have been done.
    replies[unknown[i]] = taught[2 * i]->isError() ? taught[2 * i] : taught[2 * i + 1];
  }
  return true;
}

}  // namespace scanhost::queue_redis
