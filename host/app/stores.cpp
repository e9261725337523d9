// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "host/app/stores.h"

#include <algorithm>
#include <filesystem>

#include "host/base/random.h"

namespace scanhost {
namespace {

constexpr std::chrono::seconds reconcile_interval{1};
constexpr std::chrono::seconds check_timeout{10};
constexpr std::chrono::seconds probe_life{5};

}  // namespace

std::unique_ptr<Stores> Stores::start(const Config& config, PluginInstances& plugins,
                                      InstanceReaper& reaper, Metrics& metrics, EventLog& events,
                                      const TaskEvents& task_events, StartProblems& problems) {
  std::unique_ptr<Stores> stores(
      new Stores(config, plugins, reaper, metrics, events, task_events, problems));
  if (!stores->startBoth() || !stores->keepSafe()) return nullptr;
  return stores;
}

bool Stores::startBoth() {
  auto started = plugins_.start(config_.queue, SCANHOST_QUEUE_ID, "queue");
  if (!started) return false;
  const std::shared_ptr<PluginInstance> queue = reaper_.own(std::move(started));
  queue_plugin_ = &queue->plugin();
  results_instance_ = plugins_.start(config_.results, SCANHOST_RESULTS_ID, "results");
  if (!results_instance_) return false;
  queue_.emplace(
      config_.queue.plugin, &queue->table<scanhost_interface>(), queue->self(),
      [this](std::string_view operation, bool ok, double seconds) {
        metrics_.observeQueueOperation(operation, ok, Metrics::Seconds(seconds));
        if (!ok && durability_) durability_->noteFailure();
      },
      queue->events(), queue);
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
  const bool strict = config_.queue.durability == DurabilityDemand::strict;
  if (!openJournal(strict && sharesQueue())) return false;
  auto options = durabilityOptions();
  options.on_changed = [this] {
    if (reconciler_) reconciler_->lookAtAll();
  };
  durability_.emplace(*queue_, config_.queue.plugin, events_, std::move(options));
  accepting_.emplace(*queue_, *durability_, strict ? journal_.get() : nullptr, events_);
  const Status safe = durability_->look(PluginInstances::start_timeout);
  return safe ? true : problems_.add(config_.queue, safe.error().message);
}

DurabilityWatch::Options Stores::durabilityOptions() const {
  return {.demand = config_.queue.durability,
          .journaled = config_.queue.durability == DurabilityDemand::strict && sharesQueue(),
          .may_forget = sharesQueue()};
}

std::shared_ptr<PluginInstance> Stores::prepareQueue(const PluginEntry& entry) {
  auto started = plugins_.start(entry, SCANHOST_QUEUE_ID, "queue");
  if (!started) return nullptr;
  std::shared_ptr<PluginInstance> instance = reaper_.own(std::move(started));
  const QueueClient fresh(entry.plugin, &instance->table<scanhost_interface>(), instance->self(),
                          {}, instance->events());
  Status good = DurabilityWatch(fresh, entry.plugin, events_, durabilityOptions())
                    .look(PluginInstances::start_timeout);
  if (good) good = checkSameStore(fresh);
  if (good) return instance;
  problems_.add(entry, good.error().message);
  return nullptr;
}

/// What is announced through the new one must be told by the old one. An old one that cannot be
/// asked, as when its password is no longer good, is believed to be the same.
Status Stores::checkSameStore(const QueueClient& fresh) const {
  const std::string name = "reload-" + toHex(randomBytes<8>());
  const std::vector<InstanceState> probe{{name, name, name, 0, "{}", probe_life}};
  if (const Status told = fresh.announce(name, probe, {.timeout = check_timeout}); !told)
    return told;
  const auto seen = queue_->instances({.timeout = check_timeout});
  const bool same = !seen || std::any_of(seen->begin(), seen->end(),
                                         [&](const auto& state) { return state.pool == name; });
  if (same) return {};
  return fail(ErrorClass::config,
              "the new settings reach another store than the queue so far, whose tasks would be "
              "left behind; restart the service to use it");
}

void Stores::takeQueue(std::shared_ptr<PluginInstance> instance) {
  queue_->moveTo(&instance->table<scanhost_interface>(), instance->self(), instance);
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
