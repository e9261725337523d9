// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// Scans that run on this node, each on a thread of its own while it lasts. Of the loop's thread.
#pragma once

#include <cstddef>
#include <memory>

#include "host/tasks/endings.h"
#include "host/tasks/reports.h"

namespace scanhost {

/// How many may run at once: as many as the enabled local instances take together; at least one.
std::size_t localSlots(const Scanners& scanners);

class LocalScans {
 public:
  LocalScans(Runs& runs, Endings& endings, Reports& reports)
      : runs_(runs), endings_(endings), reports_(reports) {}

  /// Keeps a thread for each scan that the instances may run, and ends what ran too long on one
  /// that a reload replaced.
  void turn(Runs::Clock::time_point now);
  void scan(Run& run);

 private:
  Runs& runs_;
  Endings& endings_;
  Reports& reports_;
  std::shared_ptr<const Scanners> seen_;
};

}  // namespace scanhost
