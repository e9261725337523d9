// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// A report that was given as a .nessus file, and the folder such files come from.
///
/// The file is served as it is, byte for byte, well-formed or not; what of it libxml2 can read is
/// also kept in memory, with long outputs cut, to answer the calls for scan details.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "host/base/result.h"
#include "tests/simulators/nessus/report.h"

namespace scanhost::simulator {

class FileReport final : public Report {
 public:
  explicit FileReport(std::filesystem::path file);

  std::string name() const override { return name_; }
  std::string targets() const override { return {}; }
  std::size_t hostCount() const override { return hosts_.size(); }
  ReportHost host(std::size_t index) const override { return hosts_.at(index); }
  bool copyOriginal(std::ostream& out) const override;

 private:
  std::filesystem::path file_;
  std::string name_;
  std::vector<ReportHost> hosts_;
};

/// The .nessus files of one folder, read once. Immutable after load(), so any thread may ask.
class ReportLibrary {
 public:
  static Result<ReportLibrary> load(const std::filesystem::path& folder);

  /// The report whose file's stem occurs in the scan's name, the longest stem first; null if none.
  std::shared_ptr<const Report> find(std::string_view scan_name) const;
  std::size_t size() const { return reports_.size(); }

 private:
  struct Entry {
    std::string stem;
    std::shared_ptr<const Report> report;
  };
  std::vector<Entry> reports_;  // longest stem first
};

}  // namespace scanhost::simulator
