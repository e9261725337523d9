// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// Turns one page of a report of the manager's, as it comes, into findings and host reports.
///
/// A report is fetched a page of results at a time; each page repeats what is known of the hosts,
/// so only the first tells them. Holds one result, or one host, at a time. Throws PluginError
/// (transient, "xml_invalid: ...") when the page is malformed; what closed before has been told.
/// For one thread at a time; for one page.
#pragma once

#include <scanhost/scanner.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "plugins/scanner/greenbone/response.h"

namespace scanhost::greenbone {

enum class TellHosts { no, yes };

/// What one page came to.
struct PageTotals {
  std::uint64_t results = 0;  ///< on this page
  std::uint64_t hosts = 0;    ///< that answered
  std::string report_id, run_status;
};

class ReportReader : public ResponseReader {
 public:
  ReportReader(FindingSink& sink, TellHosts tell_hosts, std::uint64_t most_bytes);

  const PageTotals& totals() const { return totals_; }

 private:
  /// One weakness of the page, while it is read.
  struct Result {
    FindingRecord finding;
    std::string threat, tags, severity_kind, severity_score, severity_vector;
    std::size_t bytes = 0;
  };
  /// A name and a value that come in elements of their own.
  struct Detail {
    std::string name, value;
  };

  void onOpen(std::string_view path, const Attributes& attributes) override;
  void onValue(std::string_view path, std::string text, bool cut) override;
  void onClose(std::string_view path) override;

  void openInResult(std::string_view path, const Attributes& attributes);
  void valueInResult(std::string_view path, std::string text, bool cut);
  void noteCut(const char* field);
  void endSeverity();
  void endResult();
  void endDetail();
  void endHost();
  void endError();

  FindingSink& sink_;
  TellHosts tell_hosts_;
  PageTotals totals_;
  Result result_;
  HostReport host_;
  Detail detail_;
  FindingRecord error_;
};

}  // namespace scanhost::greenbone
