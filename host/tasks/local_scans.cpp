// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "host/tasks/local_scans.h"

#include <algorithm>
#include <string>
#include <utility>

#include "host/tasks/progress.h"

namespace scanhost {

std::size_t localSlots(const Scanners& scanners) {
  std::size_t slots = 0;
  for (const auto& instance : scanners.all())
    if (instance->settings().enabled && !instance->isRemote()) slots += instance->settings().limit;
  return std::max<std::size_t>(1, slots);
}

void LocalScans::turn(Runs::Clock::time_point now) {
  std::size_t staying = 0;
  for (Run* run : runs_.all()) {
    if (!run->busy || run->isRemote() || !run->instance || !run->instance->retired()) continue;
    ++staying;
    if (run->instance->overstayed(now)) run->cancel->cancel();
  }
  auto scanners = runs_.work().scanners.get();
  if (scanners == seen_ && staying == 0) return;
  runs_.loop().widenLocal(localSlots(*scanners) + staying);
  seen_ = std::move(scanners);
}

void LocalScans::scan(Run& run) {
  run.launchedNow(runs_.work().ages);
  const auto report = [this, id = run.task.id, epoch = run.task.epoch](int percent,
                                                                       std::string_view status) {
    runs_.loop().post([this, id, epoch, percent, status = std::string(status)] {
      if (Run* found = runs_.find(id, epoch)) noteProgress(runs_.work(), *found, percent, status);
    });
  };
  runs_.step(
      run, Pool::local,
      [&work = runs_.work(), context = run.context(), report] {
        return scanLocal(work, context, report);
      },
      [this](Run& found, CollectOutcome outcome) {
        if (outcome.lease_lost) return endings_.lose(found);
        if (!outcome.store_failed)
          found.instance->recordAnswer(outcome.error ? &*outcome.error : nullptr);
        reports_.take(found, outcome, RemoteStatus::completed);
      });
}

}  // namespace scanhost
