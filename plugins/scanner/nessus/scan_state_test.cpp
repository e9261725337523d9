// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "plugins/scanner/nessus/scan_state.h"

#include <gtest/gtest.h>

namespace scanhost::nessus {
namespace {

TEST(ScanState, EveryStatusHasItsPlaceAndAnUnknownOneRuns) {
  const std::pair<const char*, RemoteStatus> table[] = {
      {"empty", RemoteStatus::created},        {"pending", RemoteStatus::pending},
      {"running", RemoteStatus::running},      {"resuming", RemoteStatus::running},
      {"pausing", RemoteStatus::paused},       {"paused", RemoteStatus::paused},
      {"stopping", RemoteStatus::stopping},    {"canceled", RemoteStatus::stopped},
      {"completed", RemoteStatus::completed},  {"aborted", RemoteStatus::aborted},
      {"imported", RemoteStatus::completed},   {"processing", RemoteStatus::running},
      {"something new", RemoteStatus::running}};
  for (const auto& [word, state] : table) EXPECT_EQ(statusOf(word), state) << word;
}

TEST(ScanState, AScanThatNeverRanHasNoRun) {
  const RemoteState fresh = stateOfEntry(
      Json::parse(R"({"id":53,"uuid":null,"name":"a [scanhost:t/1]","status":"empty"})"));
  EXPECT_EQ(fresh.reference, "53");
  EXPECT_EQ(fresh.marker, "[scanhost:t/1]");
  EXPECT_EQ(fresh.run_id, "");
  EXPECT_EQ(
      stateOfEntry(Json::parse(R"({"id":"5","uuid":"template-1","status":"pending"})")).run_id, "");
}

TEST(ScanState, TheNewestRunIsTheOneThatCounts) {
  const Json details = Json::parse(
      R"({"info":{"name":"a","status":"running"},
          "history":[{"history_id":9,"uuid":"b"},{"history_id":7,"uuid":"a"}]})");
  EXPECT_EQ(stateOfDetails(details, "1").run_id, "b");
  EXPECT_EQ(numberOf((*runIn(details, "a"))["history_id"]), 7);
  EXPECT_EQ(runIn(details, "c"), nullptr);
  EXPECT_EQ(runIn(Json::parse(R"({"history":null})"), ""), nullptr);
}

TEST(ScanState, ProgressIsOverTheHostsAndTheOnesStillToCome) {
  EXPECT_EQ(percentOf(Json::parse(
                R"({"info":{"hostcount":2},"hosts":[
                    {"scanprogresscurrent":50,"scanprogresstotal":100},
                    {"scanprogresscurrent":"100","scanprogresstotal":"100"}]})")),
            75);
  EXPECT_EQ(percentOf(Json::parse(
                R"({"info":{"hostcount":4},"hosts":[
                    {"scanprogresscurrent":100,"scanprogresstotal":100}]})")),
            25);
  EXPECT_EQ(percentOf(Json::parse(R"({"info":{},"hosts":null})")), -1);
}

}  // namespace
}  // namespace scanhost::nessus
