// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "host/app/event_pump.h"

namespace scanhost {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t batch_size = 256;
constexpr auto write_timeout = 10s;
constexpr auto retry_delay = 500ms;

}  // namespace

EventPump::EventPump(EventLog& log, ExporterClient& exporter)
    : exporter_(exporter),
      subscription_(log.subscribe(exporter.instance().name())),
      thread_([this] { run(); }) {}

EventPump::~EventPump() {
  stopping_ = true;
  subscription_->close();
  thread_.join();
}

void EventPump::run() {
  for (;;) {
    const auto batch = subscription_->waitBatch(batch_size, 500ms);
    if (batch.empty() && stopping_) break;
    if (!batch.empty() && !deliver(batch)) break;
  }
  const Status flushed = exporter_.flush({.timeout = write_timeout});
  if (!flushed) return;  // the sink is gone and the process is ending: nobody is left to tell
}

/// Offers the same batch until it is written; gives up only when the node stops.
bool EventPump::deliver(const std::vector<EventPtr>& batch) {
  while (!exporter_.write(batch, {.timeout = write_timeout})) {
    if (stopping_) return false;
    std::this_thread::sleep_for(retry_delay);
  }
  return true;
}

}  // namespace scanhost
