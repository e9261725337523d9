// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// The official conformance suite, which conformance.mjs runs and judges.
#include <gtest/gtest.h>

#include "tests/integration/service.h"

namespace scanhost::integration {
namespace {

void expectConforming(const Service& service, std::vector<std::string> words) {
  words.insert(words.begin(), {SCANHOST_NODE, "conformance.mjs", service.url() + "/mcp"});
  const auto judged = testing_support::run({std::move(words), {}, SCANHOST_MCP_FOLDER});
  EXPECT_EQ(judged.exit_code, 0) << judged.out << judged.err;
}

class Conformance : public testing::TestWithParam<std::string> {};

TEST_P(Conformance, TheProductPassesAllThatNeedsNoFixture) {
  const Service service{{.scanners = nmapScanner("9")}};
  expectConforming(service, {GetParam(), "--product"});
}

INSTANTIATE_TEST_SUITE_P(Suite, Conformance, testing::Values("2025-11-25", "2026-07-28"),
                         [](const auto& revision) {
                           std::string name = "Revision" + revision.param;
                           std::erase(name, '-');
                           return name;
                         });

}  // namespace
}  // namespace scanhost::integration
