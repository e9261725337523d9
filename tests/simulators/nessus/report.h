// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// What one run of a scan found, as a list of hosts that is read one host at a time.
///
/// Two kinds exist: generated from a seed (generated_report.h) and read from a .nessus file
/// (file_report.h). A report never changes once made, so any thread may read it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <iosfwd>
#include <string>
#include <utility>
#include <vector>

namespace scanhost::simulator {

struct ReportItem {
  std::int64_t plugin_id = 0;
  std::string plugin_name;
  std::string plugin_family;
  int severity = 0;  ///< 0 (info) to 4 (critical)
  int port = 0;      ///< 0: the host as a whole
  std::string protocol = "tcp";
  std::string service = "general";
  /// Child elements in order; names repeat. Excludes plugin_output.
  std::vector<std::pair<std::string, std::string>> fields;
  std::string output;
  /// Bytes of filler that follow `output` when written, so that a huge item needs no memory.
  std::uint64_t filler_bytes = 0;
};

struct ReportHost {
  std::string name;
  std::vector<std::pair<std::string, std::string>> properties;
  std::vector<ReportItem> items;
};

class Report {
 public:
  virtual ~Report() = default;

  virtual std::string name() const = 0;
  /// The targets as the Policy element shows them.
  virtual std::string targets() const = 0;
  virtual std::size_t hostCount() const = 0;
  /// The host at `index`, which is below hostCount().
  virtual ReportHost host(std::size_t index) const = 0;
  /// Writes the whole report as it was given and answers true, or does nothing and answers false
  /// when it was not given as text.
  virtual bool copyOriginal(std::ostream& out) const {
    (void)out;
    return false;
  }
};

}  // namespace scanhost::simulator
