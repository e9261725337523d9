// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// What a scan's report makes of its task. Of the loop's thread.
#pragma once

#include "host/tasks/collect.h"
#include "host/tasks/endings.h"

namespace scanhost {

/// Why a report does not count as the scan's result; nothing when it does.
std::optional<Error> reportFault(const CollectOutcome& outcome);

class Reports {
 public:
  Reports(Runs& runs, Endings& endings) : runs_(runs), endings_(endings) {}

  /// `status` is how the scan ended: completed, stopped or aborted.
  void take(Run& run, const CollectOutcome& outcome, RemoteStatus status);

 private:
  void accept(Run& run, const CollectOutcome& outcome);
  void refuse(Run& run, const Error& fault, const CollectOutcome& outcome);

  Runs& runs_;
  Endings& endings_;
};

}  // namespace scanhost
