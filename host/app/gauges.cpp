// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "host/app/gauges.h"

#include <map>

namespace scanhost {

void Gauges::refresh() {
  const std::lock_guard lock(mutex_);
  const auto now = std::chrono::steady_clock::now();
  if (now < next_) return;
  next_ = now + std::chrono::seconds(1);
  work_.metrics.updateReady(health_.notReadyReasons().empty());
  if (const auto free = work_.disk.free()) work_.metrics.updateDataDirFreeBytes(*free);
  if (work_.kill_switch) work_.metrics.updateKillSwitch(work_.kill_switch->engaged());
  if (const auto counts = work_.queue.counts({.timeout = std::chrono::seconds(2)})) show(*counts);
}

void Gauges::show(const QueueCounts& counts) {
  waiting_ = dead_ = 0;
  std::map<std::string, PoolCounts> pools;
  for (const PoolCounts& pool : counts.pools) {
    waiting_ += pool.queued;
    dead_ += pool.dead;
    pools[pool.pool] = pool;
  }
  work_.metrics.updateQueueMetrics(static_cast<std::int64_t>(waiting_),
                                   static_cast<std::int64_t>(dead_));

  std::map<std::pair<std::string, std::string>, std::int64_t> active;
  for (const InstanceLoad& load : counts.instances)
    active[{load.pool, load.instance}] = static_cast<std::int64_t>(load.active);
  for (const std::string& name : work_.scanners->pools()) {
    std::int64_t pool_active = 0, pool_capacity = 0;
    for (const ScannerPtr& instance : work_.scanners->enabledIn(name)) {
      const std::int64_t running = active[{name, instance->settings().name}];
      const auto capacity = static_cast<std::int64_t>(instance->settings().limit);
      work_.metrics.updateScanner(name, instance->settings().name, running, capacity);
      pool_active += running;
      pool_capacity += capacity;
    }
    work_.metrics.updatePool(name, pool_active, pool_capacity);
    const PoolCounts& pool = pools[name];
    const double oldest = pool.oldest_us == 0
                              ? 0
                              : static_cast<double>(Timestamp::now().micros - pool.oldest_us) / 1e6;
    work_.metrics.updatePoolQueue(name, static_cast<std::int64_t>(pool.queued),
                                  static_cast<std::int64_t>(pool.dead), Metrics::Seconds(oldest));
  }
}

Json Gauges::summary(double duration_ms, std::size_t metrics_count,
                     std::size_t active_scans) const {
  const std::lock_guard lock(mutex_);
  return Json::object({{"scrape_duration_ms", duration_ms},
                       {"metrics_count", metrics_count},
                       {"active_scans", active_scans},
                       {"queue_depth", waiting_},
                       {"dlq_size", dead_}});
}

}  // namespace scanhost
