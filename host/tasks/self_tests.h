// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// Asks scanners how they are: those behind an open circuit, suspended or read-only. Of the loop's
/// thread.
#pragma once

#include <set>

#include "host/tasks/runs.h"

namespace scanhost {

class SelfTests {
 public:
  explicit SelfTests(Runs& runs) : runs_(runs) {}

  void turn(Runs::Clock::time_point now);

 private:
  void test(const ScannerPtr& instance);

  Runs& runs_;
  std::set<ScannerPtr> testing_;  ///< one that hangs is not asked again
};

}  // namespace scanhost
