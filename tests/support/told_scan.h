// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// A scan's sink that keeps all it is told, for tests of what a plugin tells.
#pragma once

#include <scanhost/scanner.h>

#include <algorithm>
#include <string>
#include <vector>

namespace scanhost::testing_support {

class ToldScan {
 public:
  ToldScan() {
    abi_.struct_size = sizeof abi_;
    abi_.max_batch = 16;
    abi_.max_text = 1000;
    abi_.context = this;
    abi_.findings = [](void* self, const scanhost_finding* const* records, std::uint64_t count) {
      for (std::uint64_t i = 0; i < count; ++i)
        static_cast<ToldScan*>(self)->findings.push_back(FindingRecord::from(*records[i]));
      return SCANHOST_OK;
    };
    abi_.hosts = [](void* self, const scanhost_host_report* const* records, std::uint64_t count) {
      for (std::uint64_t i = 0; i < count; ++i)
        static_cast<ToldScan*>(self)->hosts.push_back(
            {toString(records[i]->host), records[i]->state == SCANHOST_HOST_ANSWERED,
             records[i]->login, toPairs(records[i]->facts)});
      return SCANHOST_OK;
    };
    abi_.progress = [](void* self, std::int32_t percent, scanhost_text) {
      static_cast<ToldScan*>(self)->percents.push_back(percent);
      return SCANHOST_OK;
    };
  }
  ToldScan(const ToldScan&) = delete;
  ToldScan& operator=(const ToldScan&) = delete;

  const scanhost_scan_sink* abi() const { return &abi_; }

  /// The first of that check, and of that key unless it is empty; null when there is none.
  const FindingRecord* find(const std::string& check_id, const std::string& key = {}) const {
    const auto found = std::find_if(findings.begin(), findings.end(), [&](const auto& finding) {
      return finding.check_id == check_id && (key.empty() || finding.check_key == key);
    });
    return found == findings.end() ? nullptr : &*found;
  }
  /// What was told of that host; null when nothing.
  const HostReport* host(const std::string& name) const {
    const auto found = std::find_if(hosts.begin(), hosts.end(),
                                    [&](const HostReport& report) { return report.host == name; });
    return found == hosts.end() ? nullptr : &*found;
  }

  std::vector<FindingRecord> findings;
  std::vector<HostReport> hosts;
  std::vector<int> percents;

 private:
  scanhost_scan_sink abi_{};
};

}  // namespace scanhost::testing_support
