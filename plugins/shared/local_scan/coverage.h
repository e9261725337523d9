// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// Which of the addresses to scan answered; told at the end, for each and in numbers.
#pragma once

#include <scanhost/scanner.h>

#include <map>
#include <set>
#include <string>
#include <vector>

#include "plugins/shared/local_scan/addresses.h"

namespace scanhost::local_scan {

class Coverage {
 public:
  explicit Coverage(const std::vector<PinnedAddress>& hosts) {
    for (const PinnedAddress& host : hosts) {
      Seen& seen = hosts_[host.address];
      if (!host.name.empty()) seen.names.insert(host.name);
    }
  }
  void answered(const std::string& address) { hosts_[address].answered = true; }

  /// With the names that they were given by, as the fact "given".
  void tell(FindingSink& sink, Summary& summary) const {
    for (const auto& [address, seen] : hosts_) {
      ++(seen.answered ? summary.hosts_answered : summary.hosts_silent);
      HostReport report{address, seen.answered, 0, {}};
      for (const std::string& name : seen.names) report.facts.emplace_back("given", name);
      sink.host(std::move(report));
    }
  }

 private:
  struct Seen {
    bool answered = false;
    std::set<std::string> names;
  };
  std::map<std::string, Seen> hosts_;
};

}  // namespace scanhost::local_scan
