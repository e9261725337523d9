// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "host/findings/report.h"

#include <algorithm>

namespace scanhost {
namespace {

/// Kept free under max_bytes for the pagination line with its cursor.
constexpr std::size_t pagination_bytes = 512;

Json listOf(const std::vector<std::string>& strings) {
  Json::Array items;
  for (const std::string& string : strings) items.emplace_back(string);
  return Json(std::move(items));
}

void writeList(std::string& out, const std::vector<std::string>& list) {
  char separator = '[';
  for (const std::string& element : list) {
    out += separator;
    Json::writeString(out, element, true);
    separator = ',';
  }
  out += ']';
}

/// Pairs whose names may repeat, as one object of lists; names in order of appearance.
void writeExtra(std::string& out, const Pairs& pairs) {
  std::vector<std::pair<std::string_view, std::vector<std::string>>> grouped;
  for (const auto& [name, value] : pairs) {
    const auto known =
        std::find_if(grouped.begin(), grouped.end(),
                     [&wanted = name](const auto& group) { return group.first == wanted; });
    if (known == grouped.end())
      grouped.push_back({name, {value}});
    else
      known->second.push_back(value);
  }
  char separator = '{';
  for (const auto& [name, values] : grouped) {
    out += separator;
    Json::writeString(out, name, true);
    out += ':';
    writeList(out, values);
    separator = ',';
  }
  out += '}';
}

struct ValueWriter {
  std::string& out;

  void operator()(std::monostate) const { out += "null"; }
  void operator()(std::string_view text) const { Json::writeString(out, text, true); }
  void operator()(double number) const { Json(number).write(out); }
  void operator()(bool flag) const { out += flag ? "true" : "false"; }
  void operator()(Timestamp time) const { Json::writeString(out, formatTimestamp(time), true); }
  void operator()(const std::vector<std::string>* list) const { writeList(out, *list); }
  void operator()(const Pairs* pairs) const { writeExtra(out, *pairs); }
};

Json groupFields(GroupBy by) {
  Json fields = Json::array({"group_by", "key"});
  if (by == GroupBy::check) fields.push("plugin_name");
  for (const char* name : {"count", "severity", "members"}) fields.push(name);
  return fields;
}

Json servedFields(const Projection& projection) {
  if (projection.isFull()) return "all";
  Json fields = Json::array();
  for (const Projection::Column& column : projection.columns) fields.push(column.name);
  return fields;
}

Json schemaLine(const ReportHead& head, const Projection& projection) {
  Json line = Json::object({{"type", "schema"}, {"profile", projection.profile}});
  if (head.grouped) line["group_by"] = groupByName(*head.grouped);
  line["fields"] = head.grouped ? groupFields(*head.grouped) : servedFields(projection);
  line["filters_applied"] = head.filters_applied.isNull() ? Json::object() : head.filters_applied;
  line["total_vulnerabilities"] = head.total_vulnerabilities;
  line["total_pages"] = head.total_pages;
  line["complete"] = head.complete;
  if (!head.grouped)
    line["untrusted_fields"] = listOf(projection.untrustedFields());
  else
    line["untrusted_fields"] =
        *head.grouped == GroupBy::check ? Json::array({"plugin_name"}) : Json::array();
  return line;
}

Json metadataLine(const ReportHead& head) {
  return Json::object({{"type", "scan_metadata"},
                       {"scan_name", head.scan_name},
                       {"task_id", head.task_id},
                       {"status", head.status},
                       {"authentication_status", head.authentication_status},
                       {"coverage", head.coverage ? head.coverage->toJson() : Json()}});
}

}  // namespace

ReportWriter::ReportWriter(LineWriter& lines, Projection projection,
                           std::optional<std::size_t> max_bytes)
    : lines_(lines), projection_(std::move(projection)), max_bytes_(max_bytes) {}

Status ReportWriter::head(const ReportHead& head) {
  if (Status wrote = lines_.write(schemaLine(head, projection_).dump(true)); !wrote) return wrote;
  return lines_.write(metadataLine(head).dump(true));
}

Result<ReportWriter::Added> ReportWriter::add(const Finding& finding) {
  line_.clear();
  writeFinding(line_, finding, projection_);
  return addRow();
}

Result<ReportWriter::Added> ReportWriter::add(const Group& group, GroupBy by) {
  Json line = Json::object({{"type", "group"}, {"group_by", groupByName(by)}, {"key", group.key}});
  if (by == GroupBy::check) line["plugin_name"] = group.name;
  line["count"] = group.count;
  line["severity"] = severityDigit(group.worst);
  line["members"] = listOf(group.members);
  line_ = line.dump(true);
  return addRow();
}

Result<ReportWriter::Added> ReportWriter::addRow() {
  const std::size_t grown = lines_.bytes() + 1 + line_.size() + pagination_bytes;
  if (max_bytes_ && rows_ > 0 && grown > *max_bytes_) return Added::page_full;
  if (Status wrote = lines_.write(line_); !wrote) return tl::unexpected(wrote.error());
  ++rows_;
  return Added::yes;
}

Status ReportWriter::end(const PageWindow& window, std::uint64_t total_rows,
                         const std::function<std::string(std::uint64_t offset)>& cursor) {
  if (window.isEverything() && rows_ >= total_rows) return {};
  const PageEnd page_end = endOf(window, total_rows, rows_);
  Json line = Json::object({{"type", "pagination"},
                            {"page", window.page},
                            {"page_size", window.page_size},
                            {"total_pages", page_end.total_pages},
                            {"has_next", page_end.next_offset.has_value()},
                            {"next_page", page_end.next_page},
                            {"next_cursor", nullptr}});
  if (page_end.next_offset) line["next_cursor"] = cursor(*page_end.next_offset);
  return lines_.write(line.dump(true));
}

void writeValue(std::string& out, const FieldValue& value) {
  std::visit(ValueWriter{out}, value);
}

void writeColumns(std::string& out, const Finding& finding, const Projection& projection) {
  for (const Projection::Column& column : projection.columns) {
    const FieldValue value = column.field->read(finding);
    if (std::holds_alternative<std::monostate>(value)) continue;
    out += ",\"";
    out += column.name;  // of the table: nothing in it needs an escape
    out += "\":";
    writeValue(out, value);
  }
}

void writeFinding(std::string& out, const Finding& finding, const Projection& projection) {
  out += R"({"type":"vulnerability")";
  writeColumns(out, finding, projection);
  out += '}';
}

}  // namespace scanhost
