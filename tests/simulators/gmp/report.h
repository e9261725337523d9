// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// The report of a simulated scan, in the manager's XML.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace scanhost::simulator_gmp {

/// `text` as it stands in XML.
std::string escaped(std::string_view text);

/// A target's list of addresses and blocks.
struct Hosts {
  std::size_t count = 0;
  std::vector<std::string> alive;  ///< each address, and the first of each block
};
Hosts hostsIn(const std::string& list);

struct ReportPage {
  std::string report_id, task_id, task_name, run_status;
  std::vector<std::string> hosts;
  std::size_t results_per_host = 0;
  std::size_t first = 1, rows = 100;
};
std::string reportXml(const ReportPage& page);

}  // namespace scanhost::simulator_gmp
