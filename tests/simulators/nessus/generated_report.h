// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// A report invented from a seed: the same seed and order give the same findings.
///
/// Hosts are made when they are read, so a report of thousands of hosts costs no memory. Findings
/// of a host depend on the seed and the host's name alone: scanning it again finds the same, as a
/// comparison of two scans would expect. Marks in the scan's name change that:
///
///     [empty]    no host answers
///     [huge:N]   one item of the first host has a plugin_output of N MB
///     [items:N]  every host has N further items
///     [drift]    each run misses some findings of the others
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "host/base/time.h"
#include "tests/simulators/nessus/report.h"

namespace scanhost::simulator {

/// A login as far as a report depends on it. The user "wrong" cannot log in, and "weak" can, but
/// lacks privileges.
struct Login {
  std::string protocol;  ///< "SSH" or "SMB"
  std::string user;
};

struct ReportOrder {
  std::uint64_t seed = 0;
  std::string scan_name;
  std::string template_name = "basic";
  std::vector<std::string> targets;
  std::vector<Login> logins;
  std::size_t run = 0;  ///< how many runs the scan had before
  Timestamp start;
  Timestamp end;
};

class GeneratedReport final : public Report {
 public:
  explicit GeneratedReport(ReportOrder order);

  std::string name() const override { return order_.scan_name; }
  std::string targets() const override;
  std::size_t hostCount() const override { return empty_ ? 0 : order_.targets.size(); }
  ReportHost host(std::size_t index) const override;

 private:
  ReportOrder order_;
  bool empty_ = false;
  bool drift_ = false;
  std::uint64_t huge_megabytes_ = 0;
  std::uint64_t extra_items_ = 0;
};

}  // namespace scanhost::simulator
