// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// How long a scan may run and rest.
#pragma once

#include <chrono>

#include "host/config/config.h"
#include "host/tasks/task_documents.h"

namespace scanhost {

/// Running time of this launch without pauses; zero before it.
std::chrono::microseconds runningTime(const ProgressDocument& progress, Timestamp now);

enum class TimeVerdict {
  in_time,
  warn,             ///< past `timeout_warning`'s share of `timeout`
  ran_too_long,     ///< past `timeout`
  paused_too_long,  ///< past `max_paused`
};

TimeVerdict judgeTime(const ProgressDocument& progress, const TasksConfig& settings, Timestamp now);

}  // namespace scanhost
