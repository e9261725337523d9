// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// Removing a task that has ended, and what it left elsewhere. Any thread; may block on stores and
/// scanners.
///
/// The record goes last, so that a removal cut short can be repeated and finds what is left.
#pragma once

#include <cstdint>

#include "host/operations/service.h"

namespace scanhost {

enum class RemoteRemoval {
  deleted,  ///< the scanner had at least one scan of this task, and has none now
  kept,     ///< not asked for, or this node does not serve the scanner
  absent,   ///< the scanner had none
};

const char* remoteRemovalName(RemoteRemoval removal);

/// Deletes the scans on the task's scanner that carry a marker of this task, and no others: a
/// stored reference alone proves nothing, for another server may have given it to another scan.
/// An error means that a scan may be left there.
tl::expected<RemoteRemoval, ServiceError> removeRemoteScans(const Service& service,
                                                            const QueuedTask& task,
                                                            const OperationContext& context);

/// Removes findings and record; how many findings went. invalid_state when the task was queued
/// again meanwhile.
tl::expected<std::uint64_t, ServiceError> removeTask(const Service& service, const QueuedTask& task,
                                                     const OperationContext& context);

}  // namespace scanhost
