// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "host/app/first_looks.h"

namespace scanhost {

FirstLooks::FirstLooks(const Scanners& scanners) {
  for (const auto& instance : scanners.all()) under_way_ += instance->settings().enabled ? 1 : 0;
  threads_.reserve(under_way_);
  for (const auto& instance : scanners.all())
    if (instance->settings().enabled)
      threads_.emplace_back([this, seen = instance.get()] { look(*seen); });
}

FirstLooks::~FirstLooks() {
  cancel_->cancel();
  for (std::thread& thread : threads_) thread.join();
}

void FirstLooks::look(ScannerInstance& instance) {
  const auto health = instance.client().selfTest(
      {.timeout = instance.settings().circuit.probe_deadline, .cancel = cancel_});
  if (!cancel_->cancelled()) instance.recordHealth(health);
  const std::lock_guard lock(mutex_);
  --under_way_;
  ended_.notify_all();
}

bool FirstLooks::wait(std::chrono::milliseconds limit) {
  std::unique_lock lock(mutex_);
  return ended_.wait_for(lock, limit, [this] { return under_way_ == 0; });
}

}  // namespace scanhost
