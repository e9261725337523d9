// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "host/operations/scanner_choice.h"

#include <algorithm>
#include <map>
#include <utility>

namespace scanhost {

tl::expected<ScannerChoice, ServiceError> ScannerChoice::make(
    const Service& service, const std::optional<std::string>& pool,
    const std::optional<std::string>& instance) {
  auto scanners = service.work.scanners.get();
  ScannerChoice choice(service, scanners, pool.value_or(scanners->defaultPool()));
  choice.candidates_ = scanners->enabledIn(choice.pool_);
  if (choice.candidates_.empty())
    return tl::unexpected<ServiceError>(ServiceError::scannerNotFound(
        "No enabled scanners in pool '" + choice.pool_.substr(0, 64) + "'", scanners->pools()));
  if (!instance) return choice;
  const ScannerPtr named = scanners->find(choice.pool_, *instance);
  if (!named || !named->settings().enabled)
    return tl::unexpected<ServiceError>(
        ServiceError::scannerNotFound("There is no enabled instance '" + instance->substr(0, 64) +
                                          "' in pool '" + choice.pool_ + "'",
                                      scanners->pools()));
  choice.candidates_ = {named};
  choice.is_named_ = true;
  return choice;
}

std::optional<ServiceError> ScannerChoice::requireLogin() {
  std::erase_if(candidates_, [](const ScannerPtr& instance) {
    return !instance->can(SCANHOST_SCANNER_CREDENTIALS);
  });
  if (!candidates_.empty()) return std::nullopt;
  return ServiceError::unsupported("The scanners of pool '" + pool_ + "' cannot log in to targets",
                                   "Choose another scanner_pool, or run_untrusted_scan");
}

std::optional<ServiceError> ScannerChoice::checkLaunch() const {
  std::string reason;
  for (const ScannerPtr& instance : candidates_) {
    if (service_->reports.couldLaunch(*instance)) return std::nullopt;
    reason = service_->reports.conditionOf(*instance).reason;
  }
  return ServiceError::unsupported("No scanner of pool '" + pool_ + "' may launch scans: " + reason,
                                   "list_scanners shows the state of each");
}

std::string ScannerChoice::boundInstance() const {
  const bool all_can = candidates_.size() == scanners_->enabledIn(pool_).size();
  return all_can && !is_named_ ? "" : candidates_.front()->settings().name;
}

const ScannerInstance& ScannerChoice::likeliest(const OperationContext& context) const {
  std::map<std::string, std::uint64_t> active;
  if (const auto counts = service_->work.queue.counts(callFor(context, Work::queue_timeout)))
    for (const InstanceLoad& load : counts->instances)
      if (load.pool == pool_) active[load.instance] = load.active;
  const auto rank = [&](const ScannerPtr& instance) {
    const auto found = active.find(instance->settings().name);
    const double load = found == active.end() ? 0 : static_cast<double>(found->second);
    return (instance->takesWork() ? 0.0 : 1e6) + load / std::max(1u, instance->settings().limit);
  };
  return **std::min_element(candidates_.begin(), candidates_.end(),
                            [&](const auto& a, const auto& b) { return rank(a) < rank(b); });
}

std::int64_t ScannerChoice::waitMinutes(std::uint64_t position) const {
  std::uint64_t capacity = 0;
  for (const ScannerPtr& instance : scanners_->enabledIn(pool_))
    capacity += instance->settings().limit;
  capacity = std::max<std::uint64_t>(1, capacity);
  const std::uint64_t rounds = (position + capacity - 1) / capacity;
  return static_cast<std::int64_t>(rounds) * wholeMinutes(service_->work.durations.median(pool_));
}

std::int64_t wholeMinutes(std::chrono::seconds duration) {
  return std::chrono::ceil<std::chrono::minutes>(duration).count();
}

}  // namespace scanhost
