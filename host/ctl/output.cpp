// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "host/ctl/output.h"

#include "host/base/escape.h"

namespace scanhost::ctl {
namespace {

std::vector<std::string> titlesOf(const std::vector<Column>& columns) {
  std::vector<std::string> titles;
  for (const Column& column : columns) titles.push_back(column.title);
  return titles;
}

std::string csvCell(const Json& value) {
  return value.isNumber() ? plainText(value) : csvText(plainText(value));
}

}  // namespace

const Json& valueAt(const Json& record, const std::string& path) {
  const auto dot = path.find('.');
  if (dot == std::string::npos) return record[path];
  return valueAt(record[path.substr(0, dot)], path.substr(dot + 1));
}

std::string plainText(const Json& value) {
  if (value.isNull()) return "";
  if (value.isString()) return value.asString();
  if (!value.isArray()) return value.dump();
  std::string text;
  for (const Json& item : value.items()) {
    if (!text.empty()) text += ", ";
    text += plainText(item);
  }
  return text;
}

RecordWriter::RecordWriter(std::ostream& out, Format format, std::vector<Column> columns,
                           std::size_t terminal_width)
    : out_(out),
      format_(format),
      columns_(std::move(columns)),
      table_(titlesOf(columns_), terminal_width) {
  if (format_ == Format::csv) {
    for (std::size_t i = 0; i < columns_.size(); ++i)
      out_ << (i ? "," : "") << csvText(columns_[i].path);
    out_ << '\n';
  }
}

void RecordWriter::add(const Json& record) {
  switch (format_) {
    case Format::table: {
      std::vector<std::string> cells;
      for (const Column& column : columns_)
        cells.push_back(forTerminal(plainText(valueAt(record, column.path))));
      table_.add(std::move(cells));
      break;
    }
    case Format::json: out_ << (any_ ? ",\n" : "[\n") << record.dump(true); break;
    case Format::jsonl: out_ << record.dump(true) << '\n'; break;
    case Format::csv: writeCsvRow(record); break;
  }
  any_ = true;
}

void RecordWriter::writeCsvRow(const Json& record) {
  for (std::size_t i = 0; i < columns_.size(); ++i)
    out_ << (i ? "," : "") << csvCell(valueAt(record, columns_[i].path));
  out_ << '\n';
}

void RecordWriter::endPage() {
  table_.flush(out_);
}

void RecordWriter::finish() {
  endPage();
  if (format_ == Format::json) out_ << (any_ ? "\n]\n" : "[]\n");
  out_ << std::flush;
}

void writeRecord(std::ostream& out, Format format, const std::vector<Column>& columns,
                 const Json& record) {
  if (format == Format::json || format == Format::jsonl) {
    out << record.dump(true) << std::endl;
    return;
  }
  if (format == Format::csv) {
    writeListing(out, format, columns, {record}, 0);
    return;
  }
  std::size_t widest = 0;
  for (const Column& column : columns) widest = std::max(widest, displayWidth(column.title));
  for (const Column& column : columns) {
    const std::string text = forTerminal(plainText(valueAt(record, column.path)));
    if (text.empty()) continue;
    out << column.title << std::string(widest - displayWidth(column.title) + 2, ' ') << text
        << '\n';
  }
  out << std::flush;
}

void writeListing(std::ostream& out, Format format, const std::vector<Column>& columns,
                  const std::vector<Json>& records, std::size_t terminal_width) {
  RecordWriter writer(out, format, columns, terminal_width);
  for (const Json& record : records) writer.add(record);
  writer.finish();
}

}  // namespace scanhost::ctl
