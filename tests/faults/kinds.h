// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// What a round of the driver does to its cluster, and the steps at which nodes can be told to die.
#pragma once

#include <string>
#include <vector>

namespace scanhost::faults {

enum class Kind {
  kill,            ///< SIGKILL of a node at a random instant
  point,           ///< SIGKILL of a node at a named step between two effects
  stop,            ///< SIGSTOP of a node past its lease, then SIGCONT
  network,         ///< a node loses the queue's server or the scanner: late, hole, cut or reset
  drain,           ///< SIGTERM of a node: it gives its tasks back, and no attempt is spent
  disk,            ///< a node's disk is full for a while
  redis_restart,   ///< SIGKILL of the queue's server, and a restart over its files
  redis_stop,      ///< SIGSTOP of the queue's server past the lease, then SIGCONT
  failover,        ///< SIGKILL of the master of two servers; a Sentinel promotes the other
  failover_async,  ///< the same where writes do not wait for the replica, and some are forgotten
  swap,            ///< a node's scanner, exporter and queue connection are replaced by a reload
  mixed,           ///< any of these but a failover or a swap, several at once
};
const char* nameOf(Kind kind);
/// Throws std::invalid_argument for an unknown name.
Kind kindOf(const std::string& name);

/// The points at which a node can be told to die, as they are marked in the code.
const std::vector<std::string>& killPoints();

}  // namespace scanhost::faults
