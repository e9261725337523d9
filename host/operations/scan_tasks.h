// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// Scans as tasks of a protocol: a client that can be given a task by run_untrusted_scan follows
/// the scan itself, on whichever node, for the task's record in the queue is all there is to it.
#pragma once

#include "host/operations/service.h"

namespace scanhost {

/// Answers requests of the kinds task, task_answer and task_cancel, whose name is a scan's task id.
/// Both are borrowed.
Operations::Tasks scanTasks(const Operations& operations, const Service& service);

}  // namespace scanhost
