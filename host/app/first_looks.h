// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// A self-test of many scanners, all at once and beside what else is done: one that does not answer
/// has a probe deadline of half a minute, in which the service should be up for the others.
///
/// One thread for each scanner while its test lasts. Made, waited for and destroyed by one thread.
#pragma once

#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "host/tasks/scanners.h"

namespace scanhost {

class FirstLooks {
 public:
  /// Begins at once; what the tests answer is recorded in the instances. Disabled ones are left
  /// out.
  explicit FirstLooks(std::vector<ScannerPtr> scanners);
  /// Cancels what still runs and waits for it; nothing of that is recorded.
  ~FirstLooks();
  FirstLooks(const FirstLooks&) = delete;
  FirstLooks& operator=(const FirstLooks&) = delete;

  /// Until every test has ended or `limit` is over; false then. The rest goes on.
  bool wait(std::chrono::milliseconds limit);

 private:
  void look(ScannerInstance& instance);

  const std::shared_ptr<CancelSource> cancel_ = std::make_shared<CancelSource>();
  std::mutex mutex_;
  std::condition_variable ended_;
  std::size_t under_way_ = 0;
  std::vector<std::thread> threads_;
};

}  // namespace scanhost
