// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// Calls of scripts on their way to the server: those of one script that takes many go as one
/// command, which makes its functions, loads its counters and tells its changes once for all.
#pragma once

#include <span>
#include <vector>

#include "plugins/queue/redis/reply.h"
#include "plugins/queue/redis/script.h"

namespace scanhost::queue_redis {

class ScriptBatch {
 public:
  /// `calls` must outlive it.
  explicit ScriptBatch(std::span<const ScriptCall> calls);

  std::size_t size() const { return groups_.size(); }
  Poco::Redis::Array command(std::size_t i) const;
  const ScriptSource& source(std::size_t i) const;

  /// Each call's own answer, errors included, of the answers to the commands. Throws ProtocolError.
  std::vector<Reply> shareOut(std::span<const Reply> replies) const;

 private:
  using Members = std::vector<std::size_t>;  ///< indexes of calls

  std::span<const ScriptCall> calls_;
  std::vector<Members> groups_;
};

}  // namespace scanhost::queue_redis
