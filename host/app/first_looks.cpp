// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "host/app/first_looks.h"

namespace scanhost {

FirstLooks::FirstLooks(std::vector<ScannerPtr> scanners) {
  std::erase_if(scanners, [](const ScannerPtr& one) { return !one->settings().enabled; });
  under_way_ = scanners.size();
  threads_.reserve(under_way_);
  for (const ScannerPtr& instance : scanners)
    threads_.emplace_back([this, instance] { look(*instance); });
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
