// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// The queue's functions, each one step of a transaction. Rows are found and judged here, once; the
/// SQL of one purpose stays in one file.
#pragma once

#include "plugins/queue/sqlite/task_row.h"

namespace scanhost::queue_sqlite {

// submitting.cpp; `wall_us` is the time of day that keys expire by.
TaskAnswer submitTask(const Step& step, const Submission& submission, std::int64_t wall_us);

// leasing.cpp
std::vector<QueuedTask> leaseTasks(const Step& step, const LeaseRequest& request);

// lease_writes.cpp: what the holder of a lease may do
RenewalOutcome renewLease(const Step& step, const Renewal& renewal, std::chrono::nanoseconds lease);
TaskAnswer advanceTask(const Step& step, const Lease& lease, const Change& change);
QueueOutcome finishTask(const Step& step, const Lease& lease, const Finish& finish);
QueueOutcome releaseTask(const Step& step, const Lease& lease, const Release& release);

// requests.cpp: what people and housekeeping ask for
TaskAnswer redriveTask(const Step& step, const std::string& id, bool relaunch,
                       std::int64_t wall_us);
TaskAnswer requestChange(const Step& step, const std::string& id, TaskRequest what,
                         std::int64_t now_us);
QueueOutcome removeTask(const Step& step, const std::string& id);
std::vector<QueuedTask> expireTasks(const Step& step, std::int64_t completed_before_us,
                                    std::int64_t failed_before_us, std::uint32_t limit);
QueueOutcome timeOutTask(const Step& step, const std::string& id, std::uint64_t epoch,
                         std::int64_t now_us, const std::string& error_message);

// reading.cpp
std::optional<QueuedTask> getTask(sqlite::Database& database, const std::string& id,
                                  std::int64_t now);
TaskPage listTasks(sqlite::Database& database, const TaskQuery& query, std::int64_t now);
QueueCounts countTasks(sqlite::Database& database, std::int64_t now);

}  // namespace scanhost::queue_sqlite
