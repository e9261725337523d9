// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// Which scanners a scan could go to, and how long it would wait there: the same for one that is
/// submitted and for one that is planned.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "host/operations/service.h"

namespace scanhost {

/// Of one request; keeps the scanners as they were when it was made. One thread at a time.
class ScannerChoice {
 public:
  /// The enabled instances of the pool, or the named one alone. Absent names: the default pool, any
  /// instance.
  static tl::expected<ScannerChoice, ServiceError> make(const Service& service,
                                                        const std::optional<std::string>& pool,
                                                        const std::optional<std::string>& instance);

  /// Leaves those that can log in to targets; unsupported when there are none.
  std::optional<ServiceError> requireLogin();
  /// Why none of them could launch a scan; nothing when one could.
  std::optional<ServiceError> checkLaunch() const;

  const std::string& pool() const { return pool_; }
  /// Never empty.
  const std::vector<ScannerPtr>& candidates() const { return candidates_; }
  ScannerPtr find(const std::string& pool, const std::string& instance) const {
    return scanners_->find(pool, instance);
  }
  /// The instance that a task is bound to: the named one, or the only one that is able; else empty.
  std::string boundInstance() const;
  /// The candidate that works and has the most room, by the queue's counts.
  const ScannerInstance& likeliest(const OperationContext& context) const;
  /// For the task at that position of the pool's queue, from 1.
  std::int64_t waitMinutes(std::uint64_t position) const;

 private:
  ScannerChoice(const Service& service, std::shared_ptr<const Scanners> scanners, std::string pool)
      : service_(&service), scanners_(std::move(scanners)), pool_(std::move(pool)) {}

  const Service* service_;
  std::shared_ptr<const Scanners> scanners_;
  std::string pool_;
  bool is_named_ = false;
  std::vector<ScannerPtr> candidates_;
};

/// Rounded up.
std::int64_t wholeMinutes(std::chrono::seconds duration);

}  // namespace scanhost
