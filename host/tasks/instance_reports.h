// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// What the nodes tell each other of scanner instances, through the queue: the workers that use an
/// instance say how it is, and a node that does not use it shows what they say.
#pragma once

#include <scanhost/queue_records.h>

#include <chrono>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "host/config/config.h"
#include "host/plugins/queue_client.h"
#include "host/tasks/scanners.h"

namespace scanhost {

/// {"state","reason","circuit","failures","retry_at"}
std::string conditionToText(const ScannerInstance::Condition& condition);
/// Nothing when it makes no sense. Another node wrote it: it is not trusted to be whole.
std::optional<ScannerInstance::Condition> conditionFromText(std::string_view text);

/// What this node has to tell of the instances that it serves.
std::vector<InstanceState> reportInstances(const NodeConfig& node, const Scanners& scanners);

/// Any thread.
class InstanceReports {
 public:
  /// Borrows both.
  InstanceReports(const NodeConfig& node, const QueueClient& queue) : node_(node), queue_(queue) {}

  /// How an instance is: what this node sees when it uses it; else what others told, the best of
  /// it, for one worker that can use it is enough; else what this node saw at its start.
  ScannerInstance::Condition conditionOf(const ScannerInstance& instance) const;
  /// Whether it could ever launch as it stands: enabled and not read-only.
  bool couldLaunch(const ScannerInstance& instance) const;
  /// Whether some node says that it serves the pool.
  bool isServedElsewhere(std::string_view pool) const;

 private:
  std::vector<InstanceState> told() const;

  const NodeConfig& node_;
  const QueueClient& queue_;
  mutable std::mutex mutex_;
  mutable std::vector<InstanceState> told_;
  mutable std::chrono::steady_clock::time_point next_look_{};
};

}  // namespace scanhost
