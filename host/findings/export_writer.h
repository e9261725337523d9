// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// Findings as a file for other programs, finding by finding: JSON lines, CSV or SARIF 2.1.0.
///
///     auto writer = makeExportWriter(ExportFormat::csv, projection, sink);
///     writer->begin(head);
///     for each check, where writer->wantsRules(): writer->addRule(finding);
///     for each finding: writer->add(finding);
///     writer->end();
///
/// Text of scanned machines stays data in each of them: escaped in JSON, in CSV without what a
/// spreadsheet would run as a formula. One thread at a time.
#pragma once

#include <memory>
#include <string_view>

#include "host/findings/line_writer.h"
#include "host/findings/report.h"

namespace scanhost {

enum class ExportFormat { jsonl, csv, sarif };

/// "jsonl", "csv" or "sarif", which is also the ending of a file's name.
std::string_view exportFormatName(ExportFormat format);
std::optional<ExportFormat> parseExportFormat(std::string_view name);
std::string_view exportMediaType(ExportFormat format);

class ExportWriter {
 public:
  virtual ~ExportWriter() = default;

  virtual Status begin(const ReportHead& head) = 0;
  /// Whether each check is to be told once, before the first finding.
  virtual bool wantsRules() const { return false; }
  virtual Status addRule(const Finding&) { return {}; }
  virtual Status add(const Finding& finding) = 0;
  virtual Status end() = 0;
};

std::unique_ptr<ExportWriter> makeExportWriter(ExportFormat format, Projection projection,
                                               TextChunkSink sink);

}  // namespace scanhost
