// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "host/tasks/self_tests.h"

namespace scanhost {

void SelfTests::turn(Runs::Clock::time_point now) {
  for (const ScannerPtr& instance : runs_.work().scanners->all()) {
    if (testing_.count(instance) != 0)
      instance->watchProbe(now);
    else if (instance->wantsSelfTest(now))
      test(instance);
  }
}

void SelfTests::test(const ScannerPtr& instance) {
  testing_.insert(instance);
  runs_.loop().offload(
      Pool::scanner,
      [instance, stopping = runs_.stopping()] {
        return instance->client().selfTest(
            {.timeout = instance->settings().circuit.probe_deadline, .cancel = stopping});
      },
      [this, instance](Result<ScannerHealth> health) {
        testing_.erase(instance);
        instance->recordHealth(health);
      });
}

}  // namespace scanhost
