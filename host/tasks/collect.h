// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// A scan's results on their way from the scanner to the store: bounded, fingerprinted, counted,
/// and fenced in a generation that only the task's lease holder can name.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "host/findings/coverage.h"
#include "host/findings/summary.h"
#include "host/tasks/launch.h"
#include "host/tasks/work.h"

namespace scanhost {

struct CollectOutcome {
  std::optional<Error> error;  ///< what was stored before it stays readable as partial
  bool store_failed = false;   ///< `error` came from a store and says nothing about the scanner
  bool lease_lost = false;
  QueuedTask task;
  std::string generation;  ///< sealed; empty when nothing could be stored
  ResultsSummary summary;
  Coverage coverage;
  AuthenticationStatus authentication = AuthenticationStatus::not_applicable;
  bool complete = false;  ///< as the scanner says
  std::string incomplete_reason;
};

/// Hears of a local scan's progress on the scanning thread.
using ProgressHandler = std::function<void(int percent, std::string_view status)>;

/// Reads the results of a remote scan. Blocks.
CollectOutcome collectRemote(const Work& work, const TaskContext& context);

/// Runs a local scan from its intent to its summary. Blocks for as long as it takes, at most a
/// little longer than `tasks.timeout`.
CollectOutcome scanLocal(const Work& work, const TaskContext& context,
                         const ProgressHandler& progress);

/// Why a finished report does not count as a result, or nothing when it does: no host answered, or
/// every login failed.
std::optional<Error> validationFault(const CollectOutcome& outcome);

/// "auth_failed", "xml_invalid", "empty_scan", "file_not_found" or "other": the label under which a
/// failed report is counted.
std::string_view validationReason(const Error& error);

}  // namespace scanhost
