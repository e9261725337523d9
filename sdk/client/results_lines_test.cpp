// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "sdk/client/results_lines.h"

#include <gtest/gtest.h>
#include <scanhost/client/errors.h>

namespace scanhost::client {
namespace {

TEST(ResultsLines, EachLineGoesToItsPlace) {
  const ResultsPage page = readResultsLines(
      "{\"type\":\"schema\",\"total_vulnerabilities\":1}\n"
      "{\"type\":\"scan_metadata\",\"scan_name\":\"LAN\"}\n"
      "{\"type\":\"vulnerability\",\"host\":\"10.0.0.7\"}\n"
      "{\"type\":\"pagination\",\"has_next\":true,\"next_cursor\":\"c1\"}");
  EXPECT_EQ(page.schema["total_vulnerabilities"].asInteger(), 1);
  EXPECT_EQ(page.scan_metadata["scan_name"].asString(), "LAN");
  ASSERT_EQ(page.findings.size(), 1u);
  EXPECT_EQ(page.findings[0]["host"].asString(), "10.0.0.7");
  EXPECT_EQ(page.next_cursor(), "c1");
}

TEST(ResultsLines, LastPageHasNoCursor) {
  const ResultsPage page =
      readResultsLines("{\"type\":\"schema\"}\n{\"type\":\"pagination\",\"next_cursor\":null}");
  EXPECT_EQ(page.next_cursor(), "");
}

TEST(ResultsLines, BrokenLineIsNamed) {
  try {
    readResultsLines("{\"type\":\"schema\"}\n{oops");
    FAIL();
  } catch (const ProtocolError& error) {
    EXPECT_NE(std::string(error.what()).find("line 2"), std::string::npos);
  }
}

TEST(ResultsLines, TextWithoutSchemaIsRefused) {
  EXPECT_THROW(readResultsLines(""), ProtocolError);
  EXPECT_THROW(readResultsLines("{\"type\":\"vulnerability\"}"), ProtocolError);
}

}  // namespace
}  // namespace scanhost::client
