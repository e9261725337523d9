// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// The official conformance suite, which conformance.mjs runs and judges.
#include <gtest/gtest.h>

#include "tests/mcp/fixture_service.h"

namespace scanhost::integration {
namespace {

void expectConforming(const Service& service, std::vector<std::string> words) {
  words.insert(words.begin(), {SCANHOST_NODE, "conformance.mjs", service.url() + "/mcp"});
  const auto judged = testing_support::run({std::move(words), {}, SCANHOST_MCP_FOLDER});
  EXPECT_EQ(judged.exit_code, 0) << judged.out << judged.err;
}

std::string nameOf(const testing::TestParamInfo<std::string>& revision) {
  std::string name = "Revision" + revision.param;
  std::erase(name, '-');
  return name;
}

class Conformance : public testing::TestWithParam<std::string> {};

TEST_P(Conformance, TheProductPassesAllThatNeedsNoFixture) {
  const Service service{{.scanners = nmapScanner("9")}};
  expectConforming(service, {GetParam(), "--product"});
}

INSTANTIATE_TEST_SUITE_P(Suite, Conformance, testing::Values("2025-11-25", "2026-07-28"), nameOf);

class FullConformance : public testing::TestWithParam<std::string> {};

TEST_P(FullConformance, WithTheFixtureEverythingPassesWithoutAWarning) {
  // One scenario wants a stream that the server closes before it has answered.
  const FixtureService service("{}", "{poll_ms: 1000}");
  expectConforming(*service, {GetParam()});
}

INSTANTIATE_TEST_SUITE_P(Suite, FullConformance,
                         testing::Values("2025-03-26", "2025-06-18", "2025-11-25", "2026-07-28"),
                         nameOf);

}  // namespace
}  // namespace scanhost::integration
