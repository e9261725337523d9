// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "host/base/ticker.h"

#include <utility>

namespace scanhost {

Ticker::Ticker(std::chrono::milliseconds interval, std::function<void()> turn)
    : interval_(interval), turn_(std::move(turn)), thread_([this] { run(); }) {}

Ticker::~Ticker() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  thread_.join();
}

void Ticker::soon() {
  {
    const std::lock_guard lock(mutex_);
    soon_ = true;
  }
  wake_.notify_all();
}

void Ticker::run() {
  std::unique_lock lock(mutex_);
  while (!stopping_) {
    soon_ = false;
    lock.unlock();
    turn_();
    lock.lock();
    wake_.wait_for(lock, interval_, [this] { return soon_ || stopping_; });
  }
}

}  // namespace scanhost
