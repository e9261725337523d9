// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

#include "plugins/results/sqlite/finding_row.h"

#include <scanhost/json.h>

#include <charconv>
#include <optional>

namespace scanhost::results_sqlite {
namespace {

std::string writeList(const std::vector<std::string>& strings) {
  std::string json = "[";
  for (const std::string& string : strings) {
    if (json.size() > 1) json += ',';
    Json::writeString(json, string);
  }
  return json += ']';
}

/// Pairs as [["name","value"],...]: a name may repeat, and order is kept.
std::string writePairs(const Pairs& pairs) {
  std::string json = "[";
  for (const auto& [name, value] : pairs) {
    if (json.size() > 1) json += ',';
    json += '[';
    Json::writeString(json, name);
    json += ',';
    Json::writeString(json, value);
    json += ']';
  }
  return json += ']';
}

std::optional<int> portNumber(std::string_view port) {
  int number = 0;
  const char* end = port.data() + port.size();
  const auto read = std::from_chars(port.data(), end, number);
  if (read.ec != std::errc() || read.ptr != end) return std::nullopt;
  return number;
}

/// Reads columns one after the other.
class RowReader {
 public:
  RowReader(const sqlite::Database& database, const sqlite::Statement& row)
      : database_(database), row_(row) {}

  std::int64_t integer() { return row_.integer(column_++); }
  double real() { return row_.real(column_++); }
  std::string text() { return row_.text(column_++); }
  int flag() {
    const int value = row_.isNull(column_) ? -1 : static_cast<int>(row_.integer(column_));
    ++column_;
    return value;
  }
  std::vector<std::string> list() {
    std::vector<std::string> strings;
    const Json json = readJson();
    for (const Json& item : json.items()) strings.push_back(item.asString());
    return strings;
  }
  Pairs pairs() {
    Pairs pairs;
    const Json json = readJson();
    for (const Json& item : json.items())
      if (item.items().size() == 2)
        pairs.emplace_back(item.items()[0].asString(), item.items()[1].asString());
    return pairs;
  }

 private:
  Json readJson() {
    const std::string_view text = row_.view(column_++);
    if (text == "[]") return Json::array();
    std::string why;
    auto value = Json::tryParse(text, {}, &why);
    if (value && value->isArray()) return std::move(*value);
    throw PluginError(ErrorClass::internal,
                      database_.path() + ": finding " + std::to_string(row_.integer(0)) +
                          " is damaged (" + (why.empty() ? "no list" : why) +
                          "); delete the task's results, or mend them with sqlite3",
                      ErrorSubject::backend);
  }

  const sqlite::Database& database_;
  const sqlite::Statement& row_;
  int column_ = 1;  // the first is the id
};

void readFindingColumns(RowReader& row, FindingRecord& finding) {
  finding.severity = static_cast<Severity>(row.integer());
  finding.exploit_available = row.flag();
  finding.host = row.text();
  finding.port = row.text();
  finding.protocol = row.text();
  finding.service = row.text();
  finding.check_id = row.text();
  finding.check_name = row.text();
  finding.family = row.text();
  finding.check_key = row.text();
  finding.cvss_base_score = row.real();
  finding.cvss_temporal_score = row.real();
  finding.cvss3_base_score = row.real();
  finding.cvss3_temporal_score = row.real();
  finding.cvss4_base_score = row.real();
  finding.vpr_score = row.real();
  finding.epss_score = row.real();
  finding.cve = row.list();
  finding.cwe = row.list();
  finding.xref = row.list();
  finding.scanner_family = row.text();
  finding.fingerprint = row.text();
}

void readTextColumns(RowReader& row, FindingRecord& finding) {
  finding.risk_factor = row.text();
  finding.cvss_vector = row.text();
  finding.cvss3_vector = row.text();
  finding.cvss4_vector = row.text();
  finding.plugin_publication_date = row.text();
  finding.plugin_modification_date = row.text();
  finding.vuln_publication_date = row.text();
  finding.patch_publication_date = row.text();
  finding.truncated = row.list();
  finding.synopsis = row.text();
  finding.solution = row.text();
  finding.see_also = row.text();
  finding.description = row.text();
  finding.output = row.text();
  finding.extra = row.pairs();
}

}  // namespace

void insertFinding(sqlite::Database& database, std::int64_t generation,
                   const FindingRecord& finding) {
  const auto port = portNumber(finding.port);
  const std::optional<int> exploit =
      finding.exploit_available < 0 ? std::nullopt : std::optional(finding.exploit_available);
  database.execute(
      "INSERT INTO findings VALUES (NULL, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, "
      "?, ?, ?, ?, ?)",
      generation, finding.severity, exploit, finding.host, finding.port, port, finding.protocol,
      finding.service, finding.check_id, finding.check_name, finding.family, finding.check_key,
      finding.cvss_base_score, finding.cvss_temporal_score, finding.cvss3_base_score,
      finding.cvss3_temporal_score, finding.cvss4_base_score, finding.vpr_score, finding.epss_score,
      writeList(finding.cve), writeList(finding.cwe), writeList(finding.xref),
      finding.scanner_family, finding.fingerprint);
  database.execute("INSERT INTO texts VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                   database.lastRowId(), finding.risk_factor, finding.cvss_vector,
                   finding.cvss3_vector, finding.cvss4_vector, finding.plugin_publication_date,
                   finding.plugin_modification_date, finding.vuln_publication_date,
                   finding.patch_publication_date, writeList(finding.truncated), finding.synopsis,
                   finding.solution, finding.see_also, finding.description, finding.output,
                   writePairs(finding.extra));
}

std::string findingTables(const Needs& needs, std::string_view hint) {
  std::string sql = " FROM findings f";
  sql += hint;
  if (needs.texts) sql += " JOIN texts t ON t.id = f.id";
  if (needs.sightings)
    sql +=
        " JOIN generations g ON g.gen = f.gen"
        " LEFT JOIN sightings s ON s.fingerprint = f.fingerprint";
  return sql;
}

std::string findingSelect(const Needs& needs, std::string_view hint) {
  std::string sql =
      "SELECT f.id, f.severity, f.exploit_available, f.host, f.port, f.protocol, f.service, "
      "f.plugin_id, f.plugin_name, f.plugin_family, f.check_key, f.cvss_base_score, "
      "f.cvss_temporal_score, f.cvss3_base_score, f.cvss3_temporal_score, f.cvss4_base_score, "
      "f.vpr_score, f.epss_score, f.cve, f.cwe, f.xref, f.scanner_family, f.fingerprint";
  if (needs.texts)
    sql +=
        ", t.risk_factor, t.cvss_vector, t.cvss3_vector, t.cvss4_vector, "
        "t.plugin_publication_date, t.plugin_modification_date, t.vuln_publication_date, "
        "t.patch_publication_date, t.truncated, t.synopsis, t.solution, t.see_also, "
        "t.description, t.plugin_output, t.extra";
  if (needs.sightings) {
    sql += ", ";
    sql += fieldSql("first_seen").expression;
    sql += ", ";
    sql += fieldSql("last_seen").expression;
  }
  return sql + findingTables(needs, hint);
}

FindingRecord readFinding(const sqlite::Database& database, const sqlite::Statement& row,
                          const Needs& needs) {
  FindingRecord finding;
  RowReader reader(database, row);
  readFindingColumns(reader, finding);
  if (needs.texts) readTextColumns(reader, finding);
  if (needs.sightings) {
    finding.first_seen_us = reader.integer();
    finding.last_seen_us = reader.integer();
  }
  return finding;
}

}  // namespace scanhost::results_sqlite
