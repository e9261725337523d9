// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "host/app/event_pump.h"

namespace scanhost {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t batch_size = 256;
constexpr auto write_timeout = 5s;
/// What a sink has not taken by then is lost: a stop waits for no slow reader.
constexpr auto stop_grace = 5s;
constexpr auto retry_delay = 500ms;

}  // namespace

EventPump::EventPump(std::unique_ptr<EventSubscription> subscription, ExporterClient& exporter)
    : exporter_(exporter), subscription_(std::move(subscription)), thread_([this] { run(); }) {}

EventPump::~EventPump() {
  if (thread_.joinable()) end();
}

void EventPump::end() {
  give_up_at_ = std::chrono::steady_clock::now() + stop_grace;
  stopping_ = true;
  subscription_->close();
  thread_.join();
}

std::unique_ptr<EventSubscription> EventPump::release() {
  releasing_ = true;
  end();
  subscription_->giveBack(unwritten_);
  return std::move(subscription_);
}

void EventPump::run() {
  for (;;) {
    const auto batch = subscription_->waitBatch(batch_size, 500ms);
    if (batch.empty() && stopping_) break;
    if (!batch.empty() && !deliver(batch)) {
      unwritten_ = batch.size();
      break;
    }
    if (releasing_ || isTooLate()) break;
  }
  if (isTooLate()) return;
  const Status flushed = exporter_.flush({.timeout = write_timeout});
  if (!flushed) return;  // the sink is gone, and nobody is left to tell
}

bool EventPump::isTooLate() const {
  return stopping_ && std::chrono::steady_clock::now() >= give_up_at_;
}

/// Offers the same batch until it is written; gives up only when the pump ends.
bool EventPump::deliver(const std::vector<EventPtr>& batch) {
  while (!exporter_.write(batch, {.timeout = write_timeout})) {
    if (stopping_) return false;
    std::this_thread::sleep_for(retry_delay);
  }
  return true;
}

}  // namespace scanhost
