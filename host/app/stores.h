// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// The two stores of a node, the queue and the results, and what keeps accepted tasks safe in the
/// first: the watch of its durability, the accept journal and its reconciler.
///
/// Made, started and destroyed by one thread; what it hands out may be used by any until then.
#pragma once

#include <memory>
#include <optional>

#include "host/app/instance_reaper.h"
#include "host/app/plugin_instances.h"
#include "host/base/ticker.h"
#include "host/plugins/queue_client.h"
#include "host/plugins/results_client.h"
#include "host/tasks/accepting.h"
#include "host/tasks/durability_watch.h"
#include "host/tasks/reconciler.h"

namespace scanhost {

class Stores {
 public:
  /// All are borrowed. Null when a store could not be started or is not as durable as demanded; why
  /// is among `problems`.
  static std::unique_ptr<Stores> start(const Config& config, PluginInstances& plugins,
                                       InstanceReaper& reaper, Metrics& metrics, EventLog& events,
                                       const TaskEvents& task_events, StartProblems& problems);
  ~Stores() { stopWatching(); }

  const QueueClient& queue() const { return *queue_; }
  const ResultsClient& results() const { return *results_; }
  const Accepting& accepting() const { return *accepting_; }
  /// The queue told of these: what was cancelled or removed, on whatever node, is not wanted back.
  void heard(const QueueChanges& changes) const;
  const DurabilityWatch& durability() const { return *durability_; }
  /// Null where none is kept.
  const AcceptJournal* journal() const { return journal_.get(); }

  /// Whether other nodes may use the queue; one that is this node's alone cannot be opened twice.
  bool sharesQueue() const { return queue_plugin_->manifest().store == StoreKind::shared; }
  /// Another instance of the queue's plugin with other settings, tried and found to reach the same
  /// store, as safe as is demanded; null, and a problem, otherwise.
  std::shared_ptr<PluginInstance> prepareQueue(const PluginEntry& entry);
  /// Calls go there from now on.
  void takeQueue(std::shared_ptr<PluginInstance> instance);

  /// From now on durability is watched, and the journal's tasks are looked after.
  void watch();
  void stopWatching();

 private:
  Stores(const Config& config, PluginInstances& plugins, InstanceReaper& reaper, Metrics& metrics,
         EventLog& events, const TaskEvents& task_events, StartProblems& problems)
      : config_(config),
        plugins_(plugins),
        reaper_(reaper),
        metrics_(metrics),
        events_(events),
        task_events_(task_events),
        problems_(problems) {}

  bool startBoth();
  DurabilityWatch::Options durabilityOptions() const;
  Status checkSameStore(const QueueClient& fresh) const;
  bool keepSafe();
  bool openJournal(bool wanted);

  const Config& config_;
  PluginInstances& plugins_;
  InstanceReaper& reaper_;
  Metrics& metrics_;
  EventLog& events_;
  const TaskEvents& task_events_;
  StartProblems& problems_;
  const LoadedPlugin* queue_plugin_ = nullptr;
  std::unique_ptr<PluginInstance> results_instance_;
  std::unique_ptr<AcceptJournal> journal_;
  std::optional<QueueClient> queue_;
  std::optional<ResultsClient> results_;
  std::optional<Reconciler> reconciler_;
  std::optional<DurabilityWatch> durability_;
  std::optional<Accepting> accepting_;
  std::optional<Ticker> reconciling_;
};

}  // namespace scanhost
