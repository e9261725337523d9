// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "host/app/stores.h"

#include <filesystem>

namespace scanhost {
namespace {

constexpr std::chrono::seconds reconcile_interval{1};

}  // namespace

std::unique_ptr<Stores> Stores::start(const Config& config, PluginInstances& plugins,
                                      Metrics& metrics, EventLog& events,
                                      const TaskEvents& task_events, StartProblems& problems) {
  std::unique_ptr<Stores> stores(new Stores(config, metrics, events, task_events, problems));
  if (!stores->startBoth(plugins) || !stores->keepSafe()) return nullptr;
  return stores;
}

bool Stores::startBoth(PluginInstances& plugins) {
  queue_instance_ = plugins.start(config_.queue, SCANHOST_QUEUE_ID, "queue");
  if (!queue_instance_) return false;
  results_instance_ = plugins.start(config_.results, SCANHOST_RESULTS_ID, "results");
  if (!results_instance_) return false;
  queue_.emplace(
      config_.queue.plugin, &queue_instance_->table<scanhost_interface>(), queue_instance_->self(),
      [this](std::string_view operation, bool ok, double seconds) {
        metrics_.observeQueueOperation(operation, ok, Metrics::Seconds(seconds));
        if (!ok && durability_) durability_->noteFailure();
      },
      queue_instance_->events());
  results_.emplace(
      config_.results.plugin, &results_instance_->table<scanhost_interface>(),
      results_instance_->self(),
      [this](std::string_view operation, bool ok, double seconds) {
        metrics_.observeResultsOperation(operation, ok, Metrics::Seconds(seconds));
      },
      results_instance_->events());
  return true;
}

bool Stores::keepSafe() {
  const bool shared = queue_instance_->plugin().manifest().store == StoreKind::shared;
  const bool strict = config_.queue.durability == DurabilityDemand::strict;
  if (!openJournal(strict && shared)) return false;
  durability_.emplace(*queue_, config_.queue.plugin, events_,
                      DurabilityWatch::Options{.demand = config_.queue.durability,
                                               .journaled = strict && shared,
                                               .may_forget = shared,
                                               .on_changed = [this] {
                                                 if (reconciler_) reconciler_->lookAtAll();
                                               }});
  accepting_.emplace(*queue_, *durability_, strict ? journal_.get() : nullptr, events_);
  const Status safe = durability_->look(PluginInstances::start_timeout);
  return safe ? true : problems_.add(config_.queue, safe.error().message);
}

/// The journal of what was accepted under `strict`; what is in it is looked after even when that is
/// no longer asked for.
bool Stores::openJournal(bool wanted) {
  const std::filesystem::path& folder = config_.node.data_dir;
  if (!wanted && !std::filesystem::exists(folder / "accepts.journal")) return true;
  auto journal = AcceptJournal::open(folder, {});
  if (!journal) return problems_.add("node.data_dir", journal.error().message);
  journal_ = std::move(*journal);
  if (journal_->damaged() > 0)
    events_.emit(Level::error, "node", "accept_journal_damaged", "",
                 Json::object({{"lines", journal_->damaged()},
                               {"set_aside", (folder / "accepts.aside").string()}}));
  reconciler_.emplace(*queue_, *journal_, task_events_, Reconciler::Pace{});
  return true;
}

void Stores::watch() {
  durability_->start();
  if (reconciler_)
    reconciling_.emplace(reconcile_interval,
                         [this] { reconciler_->turn(Reconciler::Clock::now()); });
}

void Stores::heard(const QueueChanges& changes) const {
  for (const QueueChange& change : changes.changes)
    if (!change.state || *change.state == TaskState::cancelled) accepting_->noteUnwanted(change.id);
}

void Stores::stopWatching() {
  reconciling_.reset();
  if (durability_) durability_->stop();
}

}  // namespace scanhost
