// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "host/app/component_health.h"

#include "host/app/historic_names.h"

namespace scanhost {
namespace {

using namespace std::chrono_literals;

constexpr auto store_patience = 1500ms;

ComponentHealth okUnless(std::string reason) {
  return {"", reason.empty() ? HealthState::ok : HealthState::failed, std::move(reason)};
}

template <class T>
ComponentHealth healthOf(const tl::expected<T, Error>& answer) {
  return okUnless(answer ? "" : answer.error().message);
}

ComponentHealth healthOf(const Scanners& scanners) {
  for (const ScannerPtr& instance : scanners.all()) {
    const auto condition = instance->condition();
    if (condition.state == ScannerState::unreachable || condition.state == ScannerState::suspended)
      return {"", HealthState::degraded, instance->settings().key() + ": " + condition.reason};
  }
  return {"", HealthState::ok, ""};
}

}  // namespace

void watchComponents(Health& health, const Config& config, const Stores& stores,
                     const Live<Scanners>& scanners, const DiskSpace& disk, const Ledger& ledger,
                     const KillSwitch& kill_switch) {
  health.watchFilesystem(config.node.data_dir.string());
  health.addChecker("queue", Essential::yes, [&stores] {
    // It may answer and yet refuse what is written: the watch of its durability writes.
    if (std::string trouble = stores.durability().trouble(); !trouble.empty())
      return okUnless(std::move(trouble));
    return healthOf(stores.queue().counts({.timeout = store_patience}));
  });
  health.addChecker("results", Essential::yes, [&stores] {
    return healthOf(stores.results().check({.timeout = store_patience}));
  });
  health.addChecker("disk_free", Essential::yes, [&disk] { return healthOf(disk.check()); });
  health.addChecker("ledger", Essential::yes, [&ledger] { return okUnless(ledger.failure()); });
  health.addChecker("kill_switch", Essential::no, [&kill_switch] {
    return kill_switch.engaged()
               ? ComponentHealth{"", HealthState::degraded, "launches are stopped"}
               : ComponentHealth{"", HealthState::ok, ""};
  });
  health.addChecker("scanners", Essential::no, [&scanners] { return healthOf(*scanners.get()); });
  const DurabilityWatch& durability = stores.durability();
  health.addChecker("durability", durability.strict() ? Essential::yes : Essential::no,
                    [&durability] { return durability.health(); });
  if (const AcceptJournal* journal = stores.journal())
    health.addChecker("accept_journal", Essential::yes,
                      [journal] { return okUnless(journal->failure()); });
  addHistoricHealthFields(health, config.queue.plugin);
}

void forgetComponents(Health& health) {
  for (const char* name : {"queue", "results", "disk_free", "ledger", "kill_switch", "scanners",
                           "durability", "accept_journal"})
    health.remove(name);
}

}  // namespace scanhost
