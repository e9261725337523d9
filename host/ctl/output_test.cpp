// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "host/ctl/output.h"

#include <gtest/gtest.h>

#include <sstream>

namespace scanhost::ctl {
namespace {

const std::vector<Column> columns = {{"host", "host"}, {"state", "circuit.state"}, {"n", "n"}};

Json record(const std::string& host, int n) {
  return Json::object({{"host", host}, {"circuit", Json::object({{"state", "closed"}})}, {"n", n}});
}

std::string listing(Format format, const std::vector<Json>& records, std::size_t width = 0) {
  std::ostringstream out;
  writeListing(out, format, columns, records, width);
  return out.str();
}

TEST(Output, TableAlignsItsColumns) {
  EXPECT_EQ(listing(Format::table, {record("a", 1), record("long-name", 22)}),
            "host       state   n\n"
            "a          closed  1\n"
            "long-name  closed  22\n");
}

TEST(Output, TableFitsTheTerminal) {
  EXPECT_EQ(listing(Format::table, {record("a-very-long-host-name", 1)}, 24),
            "host           state   n\n"
            "a-very-long-…  closed  1\n");
}

TEST(Output, EmptyListingsAreStillListings) {
  EXPECT_EQ(listing(Format::json, {}), "[]\n");
  EXPECT_EQ(listing(Format::jsonl, {}), "");
  EXPECT_EQ(listing(Format::csv, {}), "host,circuit.state,n\n");
  EXPECT_EQ(listing(Format::table, {}), "");
}

TEST(Output, JsonIsOneDocumentAndLinesAreOneEach) {
  EXPECT_EQ(Json::parse(listing(Format::json, {record("a", 1), record("b", 2)})).size(), 2u);
  EXPECT_EQ(listing(Format::jsonl, {record("ü\u202E", 1)}),
            "{\"host\":\"\\u00fc\\u202e\",\"circuit\":{\"state\":\"closed\"},\"n\":1}\n");
}

TEST(Output, CsvKeepsNumbersAndDisarmsText) {
  EXPECT_EQ(listing(Format::csv, {record("=cmd()", -5)}),
            "host,circuit.state,n\n'=cmd(),closed,-5\n");
}

TEST(Output, TableNeverPassesControlCharactersOn) {
  const std::string text = listing(Format::table, {record("\x1b[31mred\nrow", 1)});
  EXPECT_EQ(text.find('\x1b'), std::string::npos);
  EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 2);
}

TEST(Output, PagesShareTitlesAndWidths) {
  std::ostringstream out;
  RecordWriter writer(out, Format::table, columns, 0);
  writer.add(record("aaaa", 1));
  writer.endPage();
  writer.add(record("b", 2));
  writer.finish();
  EXPECT_EQ(out.str(),
            "host  state   n\n"
            "aaaa  closed  1\n"
            "b     closed  2\n");
}

TEST(Output, OneRecordIsShownByLinesWithoutEmptyOnes) {
  std::ostringstream out;
  writeRecord(out, Format::table, columns, Json::object({{"host", "a"}, {"n", 3}}));
  EXPECT_EQ(out.str(), "host   a\nn      3\n");
}

}  // namespace
}  // namespace scanhost::ctl
