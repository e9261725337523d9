// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// What the scripts answer, as the SDK's values.
#pragma once

#include <scanhost/queue_records.h>

#include <string>
#include <vector>

#include "plugins/queue/redis/reply.h"

namespace scanhost::queue_redis {

/// A record as tell() in scripts/parts/tell.lua answers it. Throws PluginError (internal) for a
/// value that makes no sense. Fields that this version does not know are passed over.
QueuedTask taskOf(const Reply& record);
std::vector<QueuedTask> tasksOf(const Reply& records);

/// {outcome} or {outcome, record}.
TaskAnswer answerOf(const Reply& reply);
QueueOutcome outcomeOf(const Reply& reply);

}  // namespace scanhost::queue_redis
