// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "host/findings/export_writer.h"

#include <array>
#include <limits>
#include <utility>

#include "host/base/escape.h"

namespace scanhost {
namespace {

constexpr std::array<std::string_view, 3> format_names{"jsonl", "csv", "sarif"};
constexpr std::array<std::string_view, 3> media_types{
    "application/jsonl", "text/csv; charset=utf-8; header=present", "application/sarif+json"};
constexpr std::size_t chunk_bytes = 64 * 1024;

/// Collects text and hands it on in chunks.
class ChunkedText {
 public:
  explicit ChunkedText(TextChunkSink sink) : sink_(std::move(sink)) {}

  /// To be appended to; pass() after each piece.
  std::string& text() { return held_; }
  Status pass() { return held_.size() < chunk_bytes ? Status() : finish(); }
  Status finish() {
    const Status passed = sink_(held_);
    held_.clear();
    return passed;
  }

 private:
  TextChunkSink sink_;
  std::string held_;
};

/// The lines of get_scan_results, all on one page.
class JsonLinesExport : public ExportWriter {
 public:
  JsonLinesExport(Projection projection, TextChunkSink sink)
      : sink_(std::move(sink)),
        lines_(std::numeric_limits<std::size_t>::max(), sink_, chunk_bytes),
        report_(lines_, std::move(projection)) {}

  Status begin(const ReportHead& head) override { return report_.head(head); }
  Status add(const Finding& finding) override {
    const auto added = report_.add(finding);
    return added ? Status() : tl::unexpected<Error>(added.error());
  }
  Status end() override {
    if (Status finished = lines_.finish(); !finished) return finished;
    return sink_("\n");
  }

 private:
  TextChunkSink sink_;
  LineWriter lines_;
  ReportWriter report_;
};

/// One cell.
struct CellWriter {
  std::string& out;

  void operator()(std::monostate) const {}
  void operator()(std::string_view text) const { out += csvText(text); }
  void operator()(double number) const { writeValue(out, number); }
  void operator()(bool flag) const { out += flag ? "true" : "false"; }
  void operator()(Timestamp time) const { out += formatTimestamp(time); }
  void operator()(const std::vector<std::string>* list) const {
    std::string joined;
    for (const std::string& element : *list) joined += (joined.empty() ? "" : "; ") + element;
    out += csvText(joined);
  }
  void operator()(const Pairs* pairs) const {
    if (pairs->empty()) return;
    std::string json;
    writeValue(json, pairs);
    out += csvText(json);
  }
};

/// RFC 4180, with a first line of field names.
class CsvExport : public ExportWriter {
 public:
  CsvExport(Projection projection, TextChunkSink sink)
      : projection_(std::move(projection)), text_(std::move(sink)) {}

  Status begin(const ReportHead&) override {
    std::string_view separator;
    for (const Projection::Column& column : projection_.columns) {
      text_.text().append(separator).append(column.name);
      separator = ",";
    }
    text_.text() += "\r\n";
    return {};
  }
  Status add(const Finding& finding) override {
    std::string_view separator;
    for (const Projection::Column& column : projection_.columns) {
      text_.text() += separator;
      std::visit(CellWriter{text_.text()}, column.field->read(finding));
      separator = ",";
    }
    text_.text() += "\r\n";
    return text_.pass();
  }
  Status end() override { return text_.finish(); }

 private:
  Projection projection_;
  ChunkedText text_;
};

std::string_view sarifLevel(Severity severity) {
  switch (severity) {
    case Severity::critical:
    case Severity::high: return "error";
    case Severity::medium: return "warning";
    default: return "note";
  }
}

/// SARIF wants text where findings may have none.
const std::string& firstText(const std::string& text, const std::string& otherwise) {
  return text.empty() ? otherwise : text;
}

Json messageOf(const std::string& text) {
  return Json::object({{"text", text}});
}

/// One run, whose rules are the checks.
class SarifExport : public ExportWriter {
 public:
  SarifExport(Projection projection, TextChunkSink sink)
      : projection_(std::move(projection)), text_(std::move(sink)) {}

  Status begin(const ReportHead& head) override {
    const Json about = Json::object(
        {{"scan_name", head.scan_name},
         {"task_id", head.task_id},
         {"status", head.status},
         {"authentication_status", head.authentication_status},
         {"coverage", head.coverage ? head.coverage->toJson() : Json()},
         {"filters_applied", head.filters_applied.isNull() ? Json::object() : head.filters_applied},
         {"total_vulnerabilities", head.total_vulnerabilities}});
    text_.text() +=
        R"({"$schema":"https://json.schemastore.org/sarif-2.1.0.json","version":"2.1.0","runs":[)"
        R"({"invocations":[{"executionSuccessful":)";
    text_.text() += head.complete ? "true" : "false";
    text_.text() += R"(}],"properties":)" + about.dump(true);
    text_.text() += R"(,"tool":{"driver":{"name":"scanhost","rules":[)";
    return {};
  }

  bool wantsRules() const override { return true; }

  Status addRule(const Finding& finding) override {
    const std::string& name = firstText(finding.check_name, finding.check_id);
    Json rule = Json::object(
        {{"id", finding.check_id},
         {"shortDescription", messageOf(name)},
         {"fullDescription", messageOf(firstText(finding.description, name))},
         {"defaultConfiguration", Json::object({{"level", sarifLevel(finding.severity)}})}});
    if (!finding.solution.empty()) rule["help"] = messageOf(finding.solution);
    if (const auto score = numberOf(findField("cvss_score")->read(finding)))
      rule["properties"]["security-severity"] = Json(*score).dump();
    return addItem(rule.dump(true));
  }

  Status add(const Finding& finding) override {
    endRules();
    std::string where = finding.host;
    if (finding.port != "0") where += ":" + finding.port + "/" + finding.protocol;
    const std::string& name = firstText(finding.check_name, finding.check_id);
    Json result = Json::object(
        {{"ruleId", finding.check_id},
         {"level", sarifLevel(finding.severity)},
         {"message", messageOf(firstText(finding.synopsis, name))},
         {"locations",
          Json::array({Json::object(
              {{"logicalLocations", Json::array({Json::object({{"name", finding.host},
                                                               {"fullyQualifiedName", where},
                                                               {"kind", "resource"}})})}})})},
         {"partialFingerprints", Json::object({{"scanhost/v1", finding.fingerprint}})}});
    std::string line = result.dump(true);
    line.pop_back();
    std::string columns;
    writeColumns(columns, finding, projection_);
    line += R"(,"properties":{)" + (columns.empty() ? columns : columns.substr(1)) + "}}";
    return addItem(line);
  }

  Status end() override {
    endRules();
    text_.text() += "]}]}\n";
    return text_.finish();
  }

 private:
  Status addItem(const std::string& item) {
    text_.text() += std::exchange(separator_, ",\n");
    text_.text() += item;
    return text_.pass();
  }

  void endRules() {
    if (std::exchange(rules_ended_, true)) return;
    text_.text() += R"(]}},"results":[)";
    separator_ = "\n";
  }

  Projection projection_;
  ChunkedText text_;
  const char* separator_ = "\n";
  bool rules_ended_ = false;
};

}  // namespace

std::string_view exportFormatName(ExportFormat format) {
  return format_names[static_cast<std::size_t>(format)];
}

std::optional<ExportFormat> parseExportFormat(std::string_view name) {
  for (std::size_t i = 0; i < format_names.size(); ++i)
    if (format_names[i] == name) return static_cast<ExportFormat>(i);
  return std::nullopt;
}

std::string_view exportMediaType(ExportFormat format) {
  return media_types[static_cast<std::size_t>(format)];
}

std::unique_ptr<ExportWriter> makeExportWriter(ExportFormat format, Projection projection,
                                               TextChunkSink sink) {
  if (format == ExportFormat::csv)
    return std::make_unique<CsvExport>(std::move(projection), std::move(sink));
  if (format == ExportFormat::sarif)
    return std::make_unique<SarifExport>(std::move(projection), std::move(sink));
  return std::make_unique<JsonLinesExport>(std::move(projection), std::move(sink));
}

}  // namespace scanhost
