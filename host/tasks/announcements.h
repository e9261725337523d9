// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// Tells the other nodes how the instances that this one serves are: when one changed, and often
/// enough that it is not forgotten. Of the loop's thread.
#pragma once

#include <string>

#include "host/tasks/runs.h"

namespace scanhost {

class Announcements {
 public:
  Announcements(Runs& runs, std::string worker) : runs_(runs), worker_(std::move(worker)) {}

  void turn(Runs::Clock::time_point now);

 private:
  Runs& runs_;
  const std::string worker_;
  bool announcing_ = false;
  std::string said_;  ///< the last that the queue took
  Runs::Clock::time_point next_look_{}, next_{};
};

}  // namespace scanhost
