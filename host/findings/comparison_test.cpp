// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "host/findings/comparison.h"

#include <gmock/gmock.h>

namespace scanhost {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

struct Sample {
  std::string fingerprint;
  Severity severity = Severity::info;
};

NextFinding streamOf(std::vector<Sample> samples) {
  return [samples = std::move(samples), at = std::size_t{0},
          finding = Finding()]() mutable -> Result<const Finding*> {
    if (at == samples.size()) return nullptr;
    finding.fingerprint = samples[at].fingerprint;
    finding.severity = samples[at++].severity;
    return &finding;
  };
}

std::string_view allFixed(const Finding&) {
  return {};
}

/// "new 1:a", in order.
std::vector<std::string> rowsOf(const Comparison& comparison) {
  std::vector<std::string> out;
  for (const auto& rows : comparison.rows)
    for (const ComparedRow& row : rows)
      out.push_back(std::string(changeName(row.change)) + " " + row.fingerprint);
  return out;
}

TEST(Comparison, TellsNewPersistingAndFixed) {
  const auto compared =
      compareFindings({streamOf({{"1:a"}, {"1:b"}, {"1:d"}}), streamOf({{"1:b"}, {"1:c"}}), {}, {}},
                      firstRows(10), allFixed);
  ASSERT_TRUE(compared);
  EXPECT_THAT(rowsOf(*compared),
              ElementsAre("new 1:c", "persisting 1:b", "fixed 1:a", "fixed 1:d"));
  EXPECT_EQ(compared->count(ScanChange::fixed), 2u);
  EXPECT_EQ(compared->total(), 4u);
}

TEST(Comparison, WhatIsGoneForAReasonIsNotAssessed) {
  const auto compared =
      compareFindings({streamOf({{"1:a"}, {"1:b"}}), streamOf({}), {}, {}}, firstRows(10),
                      [](const Finding& gone) -> std::string_view {
                        return gone.fingerprint == "1:a" ? "host_not_reached" : "";
                      });
  ASSERT_TRUE(compared);
  EXPECT_THAT(rowsOf(*compared), ElementsAre("fixed 1:b", "not_assessed 1:a"));
  EXPECT_EQ(compared->rows[15 + 4].front().reason, "host_not_reached");
}

TEST(Comparison, OneFingerprintCountsOnce) {
  const auto compared =
      compareFindings({streamOf({{"1:a"}, {"1:a"}}), streamOf({{"1:a"}, {"1:a"}, {"1:a"}}), {}, {}},
                      firstRows(10), allFixed);
  ASSERT_TRUE(compared);
  EXPECT_THAT(rowsOf(*compared), ElementsAre("persisting 1:a"));
}

TEST(Comparison, AFilterChoosesWhatIsToldAndNotWhatHasGone) {
  // 1:a was critical and is low now: it still is there, whatever the filter shows.
  const auto compared = compareFindings(
      {streamOf({{"1:a", Severity::critical}, {"1:b", Severity::critical}}),
       streamOf({{"1:a", Severity::low}, {"1:c", Severity::low}}),
       streamOf({{"1:a", Severity::critical}, {"1:b", Severity::critical}}), streamOf({})},
      firstRows(10), allFixed);
  ASSERT_TRUE(compared);
  EXPECT_THAT(rowsOf(*compared), ElementsAre("fixed 1:b"));
}

TEST(Comparison, TheWorstOfEachChangeComeFirstOnWhateverPage) {
  const auto walk = [](const RowWindows& windows) {
    return *compareFindings({streamOf({{"1:z"}}),
                             streamOf({{"1:a", Severity::low},
                                       {"1:b", Severity::critical},
                                       {"1:c", Severity::low},
                                       {"1:d", Severity::critical}}),
                             {},
                             {}},
                            windows, allFixed);
  };
  const RowCounts counts = walk(firstRows(2)).counts;
  EXPECT_THAT(rowsOf(walk(rowsOnPage(counts, 0, 2))), ElementsAre("new 1:b", "new 1:d"));
  EXPECT_THAT(rowsOf(walk(rowsOnPage(counts, 3, 2))), ElementsAre("new 1:c", "fixed 1:z"));
  EXPECT_THAT(rowsOf(walk(rowsOnPage(counts, 5, 2))), IsEmpty());
}

TEST(Comparison, AStoreThatTellsAnotherOrderIsFoundOut) {
  EXPECT_FALSE(compareFindings({streamOf({{"1:b"}, {"1:a"}}), streamOf({}), {}, {}}, firstRows(1),
                               allFixed));
}

TEST(Comparison, AStreamThatFailsEndsIt) {
  const auto broken = []() -> Result<const Finding*> {
    return fail(ErrorClass::transient, "the store is gone");
  };
  EXPECT_FALSE(compareFindings({broken, streamOf({}), {}, {}}, firstRows(1), allFixed));
}

}  // namespace
}  // namespace scanhost
