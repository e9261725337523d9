// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

#include <cmath>
#include <thread>

#include "tests/suites/results_suite.h"

namespace scanhost::suites {

using testing::ElementsAre;
using testing::IsEmpty;

TEST_P(ResultsSuite, AFindingComesBackAsItWasGiven) {
  FindingRecord given = finding("100", "h\xC3\xA9.example");
  given.port = "443";
  given.protocol = "tcp";
  given.service = "https";
  given.check_name = "A \"name\"";
  given.family = "Web";
  given.check_key = "/path";
  given.severity = Severity::high;
  given.exploit_available = 1;
  given.cvss_base_score = 5.5;
  given.cvss_temporal_score = 4.1;
  given.cvss3_base_score = 9.8;
  given.cvss3_temporal_score = 9.1;
  given.cvss4_base_score = 8.7;
  given.vpr_score = 6.7;
  given.epss_score = 0.93;
  given.cvss_vector = "v2";
  given.cvss3_vector = "v3";
  given.cvss4_vector = "v4";
  given.risk_factor = "High";
  given.cve = {"CVE-2021-1", "CVE-2021-2"};
  given.cwe = {"79"};
  given.xref = {"OSVDB:1", "a,b"};
  given.synopsis = "syn";
  given.description = "line\nline\t\x01";
  given.solution = "patch";
  given.see_also = "https://example.org";
  given.output = std::string("nul\0byte", 8);
  given.plugin_publication_date = "2020/01/01";
  given.plugin_modification_date = "2020/01/02";
  given.vuln_publication_date = "2020/01/03";
  given.patch_publication_date = "2020/01/04";
  given.extra = {{"tag", "a"}, {"tag", "b"}, {"other", ""}};
  given.truncated = {"plugin_output"};
  const std::string generation = sealed("t1", {given});

  const auto all = found(everythingOf(generation));

  ASSERT_EQ(all.size(), 1u);
  FindingRecord told = all[0];
  EXPECT_EQ(told.first_seen_us, 1'000);
  EXPECT_EQ(told.last_seen_us, 1'000);
  detail::visitTexts(told, given,
                     [](const std::string& a, const std::string& b) { EXPECT_EQ(a, b); });
  told.first_seen_us = told.last_seen_us = 0;
  detail::visitNumbers(told, given, [](const auto& a, const auto& b) { EXPECT_EQ(a, b); });
  EXPECT_EQ(told.severity, given.severity);
  EXPECT_EQ(told.cve, given.cve);
  EXPECT_EQ(told.cwe, given.cwe);
  EXPECT_EQ(told.xref, given.xref);
  EXPECT_EQ(told.extra, given.extra);
  EXPECT_EQ(told.truncated, given.truncated);
}

TEST_P(ResultsSuite, WhatAFindingLacksStaysAbsent) {
  const FindingRecord told = found(everythingOf(sealed("t1", {finding("1")}))).at(0);
  EXPECT_TRUE(std::isnan(told.cvss_base_score));
  EXPECT_TRUE(std::isnan(told.epss_score));
  EXPECT_EQ(told.exploit_available, -1);
  EXPECT_THAT(told.cve, IsEmpty());
  EXPECT_THAT(told.extra, IsEmpty());
  EXPECT_EQ(told.service, "");
}

TEST_P(ResultsSuite, AGenerationIsSummedUpOnceItIsSealed) {
  const std::string generation = opened("t1");
  append(generation, {finding("1")});
  EXPECT_FALSE(results().summary(generation, {})->has_value());

  seal(generation, R"({"hosts":3})");

  EXPECT_EQ(results().summary(generation, {})->value(), R"({"hosts":3})");
}

TEST_P(ResultsSuite, ASealedGenerationTakesNoMore) {
  const std::string generation = sealed("t1", {finding("1")});
  const std::vector<FindingRecord> more{finding("2")};
  EXPECT_FALSE(results().append(generation, more, {}));
  EXPECT_THAT(checkIds(found(everythingOf(generation))), ElementsAre("1"));
}

TEST_P(ResultsSuite, SealedFindingsAreThereAfterARestart) {
  const std::string generation = sealed("t1", {finding("1"), finding("2")});
  reopen();
  EXPECT_THAT(checkIds(found(everythingOf(generation))), ElementsAre("1", "2"));
  EXPECT_TRUE(results().summary(generation, {})->has_value());
}

TEST_P(ResultsSuite, WhatIsNotSealedCanBeReadToo) {
  const std::string generation = opened("t1");
  append(generation, {finding("1")});
  EXPECT_THAT(checkIds(found(everythingOf(generation))), ElementsAre("1"));
}

TEST_P(ResultsSuite, AnUnknownGenerationIsLost) {
  const std::vector<FindingRecord> some{finding("1")};
  const std::string nobody = "0123";
  EXPECT_EQ(results().summary(nobody, {}).error().error_class, ErrorClass::lost);
  EXPECT_EQ(results().open(everythingOf(nobody), {}).error().error_class, ErrorClass::lost);
  EXPECT_EQ(results().count(everythingOf(nobody), {}).error().error_class, ErrorClass::lost);
  EXPECT_EQ(results().append(nobody, some, {}).error().error_class, ErrorClass::lost);
  EXPECT_EQ(results().seal(nobody, "{}", {}).error().error_class, ErrorClass::lost);
}

TEST_P(ResultsSuite, GenerationsOfOneTaskAreKeptApart) {
  const std::string stale = opened("t1", 1);
  const std::string holder = opened("t1", 2);
  append(stale, {finding("stale")});
  append(holder, {finding("fresh")});
  seal(stale);
  seal(holder);
  EXPECT_NE(stale, holder);
  EXPECT_THAT(checkIds(found(everythingOf(holder))), ElementsAre("fresh"));
}

TEST_P(ResultsSuite, TheCurrentGenerationIsTheNewestOfTheEpoch) {
  opened("t1", 1);
  const std::string first = opened("t1", 2);
  const std::string again = opened("t1", 2);
  EXPECT_EQ(results().current("t1", 2, {})->value(), again);
  EXPECT_NE(first, again);
  EXPECT_FALSE(results().current("t1", 3, {})->has_value());
  EXPECT_FALSE(results().current("t2", 2, {})->has_value());
}

TEST_P(ResultsSuite, FirstAndLastSeenSpanAllStoredScans) {
  const std::string old = sealed("t1", {finding("1"), finding("2")}, 1'000);
  const std::string newer = sealed("t2", {finding("1"), finding("3")}, 5'000);
  const auto of_old = found(everythingOf(old));
  const auto of_newer = found(everythingOf(newer));
  EXPECT_EQ(of_newer[0].first_seen_us, 1'000);
  EXPECT_EQ(of_newer[0].last_seen_us, 5'000);
  EXPECT_EQ(of_old[0].last_seen_us, 5'000);
  EXPECT_EQ(of_old[1].last_seen_us, 1'000);
  EXPECT_EQ(of_newer[1].first_seen_us, 5'000);
}

TEST_P(ResultsSuite, AWeaknessThatNoStoredScanHasAnyMoreIsSeenAnew) {
  sealed("t1", {finding("1")}, 1'000);
  ASSERT_TRUE(results().remove("t1", {}));
  EXPECT_EQ(found(everythingOf(sealed("t2", {finding("1")}, 5'000)))[0].first_seen_us, 5'000);
}

TEST_P(ResultsSuite, RemovingATaskRemovesAllOfItAndNothingElse) {
  const std::string gone = sealed("t1", {finding("1"), finding("2")});
  const std::string open_one = opened("t1", 2);
  append(open_one, {finding("3")});
  const std::string kept = sealed("t2", {finding("1")});

  const auto removed = results().remove("t1", {});

  ASSERT_TRUE(removed) << removed.error().message;
  EXPECT_EQ(*removed, 3u);
  EXPECT_EQ(results().open(everythingOf(gone), {}).error().error_class, ErrorClass::lost);
  EXPECT_FALSE(results().current("t1", 2, {})->has_value());
  EXPECT_EQ(found(everythingOf(kept)).size(), 1u);
  EXPECT_EQ(*results().remove("t1", {}), 0u);
}

TEST_P(ResultsSuite, AReaderOfARemovedTaskIsToldThatItIsLost) {
  const std::string generation = sealed("t1", {finding("1"), finding("2")});
  auto cursor = results().open(everythingOf(generation), {});
  ASSERT_TRUE(cursor->next(1, {}));
  ASSERT_TRUE(results().remove("t1", {}));
  const auto next = cursor->next(1, {});
  ASSERT_FALSE(next);
  EXPECT_EQ(next.error().error_class, ErrorClass::lost);
}

TEST_P(ResultsSuite, ASweepTakesOldGenerationsThatNobodyNames) {
  const std::string named = sealed("t1", {finding("1")}, 1'000);
  const std::string orphan = opened("t1", 2, 1'000);
  append(orphan, {finding("2")});
  const std::string young = opened("t2", 1, 9'000);
  std::vector<std::string> asked;
  const auto keep = [&](std::string_view task_id, std::string_view generation) {
    asked.push_back(std::string(task_id));
    return generation == named;
  };

  const auto removed = results().sweep(0, 5'000, 10, keep, {});

  ASSERT_TRUE(removed) << removed.error().message;
  EXPECT_EQ(*removed, 1u);
  EXPECT_THAT(asked, ElementsAre("t1", "t1"));
  EXPECT_EQ(found(everythingOf(named)).size(), 1u);
  EXPECT_TRUE(results().count(everythingOf(young), {}));
  EXPECT_FALSE(results().count(everythingOf(orphan), {}));
}

TEST_P(ResultsSuite, ASweepAsksOnlyAboutGenerationsOfItsTime) {
  opened("before", 1, 1'999);
  opened("first", 1, 2'000);
  opened("last", 1, 4'999);
  opened("after", 1, 5'000);
  std::vector<std::string> asked;
  const auto keep = [&](std::string_view task_id, std::string_view) {
    asked.push_back(std::string(task_id));
    return true;
  };

  EXPECT_EQ(*results().sweep(2'000, 5'000, 10, keep, {}), 0u);

  EXPECT_THAT(asked, ElementsAre("first", "last"));
}

TEST_P(ResultsSuite, ASweepTakesNoMoreThanItsLimit) {
  for (int i = 0; i < 3; ++i) opened("t" + std::to_string(i));
  const auto keep_nothing = [](std::string_view, std::string_view) { return false; };
  EXPECT_EQ(*results().sweep(0, 5'000, 2, keep_nothing, {}), 2u);
  EXPECT_EQ(*results().sweep(0, 5'000, 2, keep_nothing, {}), 1u);
}

TEST_P(ResultsSuite, LargeTextsAreKeptWhole) {
  FindingRecord large = finding("1");
  large.description = std::string(100'000, 'd') + "end";
  large.output = std::string(100'000, 'o') + "End";
  const std::string generation = sealed("t1", std::vector<FindingRecord>(20, large));
  const auto all = found(everythingOf(generation), 3);
  ASSERT_EQ(all.size(), 20u);
  EXPECT_EQ(all[19].description, large.description);
  EXPECT_EQ(matching(generation, "plugin_output",
                     {ResultsOperand::ofText(ResultsOperator::contains, "oEND")})
                .size(),
            20u);
}

TEST_P(ResultsSuite, ManyWorkersFillTheirGenerationsAtOnce) {
  std::vector<std::string> generations;
  for (int i = 0; i < 6; ++i) generations.push_back(opened("t" + std::to_string(i)));
  std::vector<std::thread> threads;
  for (const std::string& generation : generations)
    threads.emplace_back([&] {
      for (int batch = 0; batch < 10; ++batch)
        append(generation, std::vector<FindingRecord>(20, finding(generation)));
      seal(generation);
    });
  for (std::thread& thread : threads) thread.join();
  for (const std::string& generation : generations) {
    const auto all = found(everythingOf(generation), 64);
    EXPECT_EQ(all.size(), 200u);
    for (const FindingRecord& one : all) EXPECT_EQ(one.check_id, generation);
  }
}

TEST_P(ResultsSuite, TheHealthCheckWrites) {
  EXPECT_TRUE(results().check({}));
}

}  // namespace scanhost::suites
