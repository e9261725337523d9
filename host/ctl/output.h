// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// Records to standard output in the format asked for.
///
/// A listing is a table, a JSON array (`[]` when empty), JSON lines or CSV; it may be written
/// page by page without holding all of it. Everything is ASCII-escaped JSON or escaped text, so
/// that nothing a scanned host says reaches the terminal as it is.
#pragma once

#include <scanhost/json.h>

#include <ostream>
#include <string>
#include <vector>

#include "host/ctl/options.h"
#include "host/ctl/table.h"

namespace scanhost::ctl {

/// Where a cell comes from: a member, or a member of a member ("circuit.state").
struct Column {
  std::string title;
  std::string path;
};

class RecordWriter {
 public:
  RecordWriter(std::ostream& out, Format format, std::vector<Column> columns,
               std::size_t terminal_width);

  void add(const Json& record);
  /// Writes what a table holds back to find its widths.
  void endPage();
  void finish();

 private:
  void writeCsvRow(const Json& record);

  std::ostream& out_;
  Format format_;
  std::vector<Column> columns_;
  Table table_;
  bool any_ = false;
};

/// One object: its columns as lines "title: value" in a table, else as a listing of one, except
/// that JSON is the object itself.
void writeRecord(std::ostream& out, Format format, const std::vector<Column>& columns,
                 const Json& record);

/// The whole listing at once.
void writeListing(std::ostream& out, Format format, const std::vector<Column>& columns,
                  const std::vector<Json>& records, std::size_t terminal_width);

/// A value as text for people: lists joined, null empty.
std::string plainText(const Json& value);
const Json& valueAt(const Json& record, const std::string& path);

}  // namespace scanhost::ctl
