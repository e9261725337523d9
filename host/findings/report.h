// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// The text of get_scan_results: JSON-NL, one line after the other, as findings stream by.
///
///     ReportWriter report(lines, projection);
///     report.head(head);                        // schema and scan_metadata lines
///     while (more) if (*report.add(finding) == ReportWriter::Added::page_full) break;
///     report.end(window, total, cursor_of);     // pagination line, unless everything was asked
///     for lines.finish();
///
/// Non-ASCII and control characters are escaped, so no reader's terminal or model sees raw bytes of
/// a scanned machine. One thread at a time.
#pragma once

#include <scanhost/json.h>

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "host/findings/coverage.h"
#include "host/findings/group.h"
#include "host/findings/line_writer.h"
#include "host/findings/page.h"
#include "host/findings/projection.h"

namespace scanhost {

/// What is known before the first finding.
struct ReportHead {
  Json filters_applied;                     ///< as the request gave them; null becomes {}
  std::uint64_t total_vulnerabilities = 0;  ///< findings after filters, info included
  std::int64_t total_pages = 1;
  bool complete = false;           ///< of a completed task
  std::optional<GroupBy> grouped;  ///< lines are groups instead of findings

  std::string scan_name;
  std::string task_id;
  std::string status;
  std::optional<std::string> authentication_status;
  std::optional<Coverage> coverage;
};

class ReportWriter {
 public:
  enum class Added { yes, page_full };

  /// `max_bytes`: the page ends before it would grow past them, but never before its first row,
  /// so that every page goes further.
  ReportWriter(LineWriter& lines, Projection projection,
               std::optional<std::size_t> max_bytes = std::nullopt);

  Status head(const ReportHead& head);
  /// `page_full`: not written; the next page begins with it.
  Result<Added> add(const Finding& finding);
  Result<Added> add(const Group& group, GroupBy by);
  /// The pagination line; `cursor` seals the row at which to go on. Page 0 has none unless
  /// max_bytes ended it early.
  Status end(const PageWindow& window, std::uint64_t total_rows,
             const std::function<std::string(std::uint64_t offset)>& cursor);

  std::uint64_t rows() const { return rows_; }

 private:
  Result<Added> addRow();

  LineWriter& lines_;
  Projection projection_;
  std::optional<std::size_t> max_bytes_;
  std::uint64_t rows_ = 0;
  std::string line_;  ///< reused from row to row
};

/// One finding as one line of type "vulnerability", appended to `out`: absent fields left out.
void writeFinding(std::string& out, const Finding& finding, const Projection& projection);
/// A field's value as JSON; null for one that is absent.
void writeValue(std::string& out, const FieldValue& value);
/// The members alone, each preceded by a comma: for lines that carry more than the finding.
void writeColumns(std::string& out, const Finding& finding, const Projection& projection);

}  // namespace scanhost
