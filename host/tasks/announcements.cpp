// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "host/tasks/announcements.h"

#include "host/tasks/instance_reports.h"

namespace scanhost {
namespace {

constexpr std::chrono::seconds look_interval{1};
constexpr std::chrono::seconds say_again{20};

std::string everythingSaid(const std::vector<InstanceState>& reports) {
  std::string all;
  for (const InstanceState& report : reports) all += report.state + '\n';
  return all;
}

}  // namespace

void Announcements::turn(Runs::Clock::time_point now) {
  if (announcing_ || now < next_look_) return;
  next_look_ = now + look_interval;
  const Work& work = runs_.work();
  auto reports = reportInstances(work.config->node, *work.scanners.get());
  std::string text = everythingSaid(reports);
  if (reports.empty() || (text == said_ && now < next_)) return;
  announcing_ = true;
  runs_.loop().offload(
      Pool::queue,
      [&work, worker = worker_, reports = std::move(reports)] {
        return work.queue.announce(worker, reports, {.timeout = Work::queue_timeout}).has_value();
      },
      [this, now, text = std::move(text)](bool taken) {
        announcing_ = false;
        if (!taken) return;
        said_ = text;
        next_ = now + say_again;
      });
}

}  // namespace scanhost
