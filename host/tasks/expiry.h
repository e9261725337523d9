// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// What goes by age: records of tasks that ended long ago, and findings.
///
/// A record goes by housekeeping.completed_ttl or failed_ttl (dead letters are failed tasks); its
/// findings stay until results.retention, for they tell when a weakness was first seen. Findings
/// that no task names (of a worker that lost its lease, or died) go as soon as that is sure.
#pragma once

#include <cstddef>
#include <memory>

#include "host/tasks/work.h"

namespace scanhost {

/// Removes the records whose time has come. Blocks; answers how many went, also when the queue
/// failed on the way.
std::size_t expireRecords(const Work& work, const std::shared_ptr<const CancelSource>& cancel);

/// Remembers until when findings were judged, so that each run looks at what is new only. For one
/// thread.
class FindingsExpiry {
 public:
  explicit FindingsExpiry(const Work& work) : work_(work) {}

  /// Removes generations of findings; answers how many. Blocks.
  std::uint64_t run(const std::shared_ptr<const CancelSource>& cancel);

 private:
  bool isNamed(std::string_view task_id, std::string_view generation,
               const std::shared_ptr<const CancelSource>& cancel) const;
  std::uint64_t sweep(std::int64_t from_us, std::int64_t before_us, const ResultsClient::Keep& keep,
                      const std::shared_ptr<const CancelSource>& cancel, bool& whole) const;

  const Work& work_;
  std::int64_t judged_until_us_ = 0;
};

}  // namespace scanhost
