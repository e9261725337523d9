// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "plugins/exporter/webhook/notice.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <scanhost/json.h>

namespace scanhost::webhook {
namespace {

using testing::HasSubstr;
using testing::Not;

/// An event as the host offers it, with its own fields.
Json event(const std::string& name, const std::string& fields) {
  Json line = Json::object({{"timestamp", "2026-11-30T07:00:00.000001Z"},
                            {"level", "info"},
                            {"component", "tasks"},
                            {"event", name},
                            {"trace_id", "01990028-6543-4936-81e4-3c3594a25a12"}});
  const Json own = Json::parse(fields);
  for (const auto& [member, value] : own.members()) line[member] = value;
  return line;
}

std::optional<Notice> notice(const std::string& name, const std::string& fields) {
  return noticeOf(name, event(name, fields).dump());
}

TEST(Notice, TellsOfACompletedTask) {
  const auto told = notice("scan_completed",
                           R"({"task_id": "t", "scanner_pool": "nessus", "scanner_instance": "one",
                               "duration_seconds": 4.5, "vulnerabilities_found": 3,
                               "hosts_scanned": 1, "authentication_status": "success"})");
  ASSERT_TRUE(told);
  EXPECT_EQ(told->kind, NoticeKind::task_ended);
  EXPECT_EQ(told->body,
            R"({"type":"task.completed","timestamp":"2026-11-30T07:00:00.000001Z","data":{)"
            R"("task_id":"t","trace_id":"01990028-6543-4936-81e4-3c3594a25a12",)"
            R"("status":"completed","scanner_pool":"nessus","scanner_instance":"one",)"
            R"("duration_seconds":4.5,"vulnerabilities_found":3,"hosts_scanned":1,)"
            R"("authentication_status":"success"}})");
}

TEST(Notice, TellsHowATaskFailed) {
  const auto failed = notice(
      "scan_failed",
      R"({"task_id": "t", "error_type": "target", "error_message": "m", "final_status": "failed", "attempt": 2})");
  ASSERT_TRUE(failed);
  const Json body = Json::parse(failed->body);
  EXPECT_EQ(body["type"].asString(), "task.failed");
  EXPECT_EQ(body["data"]["error_message"].asString(), "m");
  EXPECT_EQ(body["data"]["attempt"].asInteger(), 2);
}

TEST(Notice, TellsOfBothWaysInWhichATaskTimesOut) {
  for (const auto& told :
       {notice("scan_failed", R"({"task_id": "t", "final_status": "timeout"})"),
        notice("stale_task_timed_out", R"({"task_id": "t", "age_hours": 25})")}) {
    ASSERT_TRUE(told);
    EXPECT_EQ(Json::parse(told->body)["type"].asString(), "task.timeout");
    EXPECT_EQ(Json::parse(told->body)["data"]["status"].asString(), "timeout");
  }
}

TEST(Notice, TellsOfACancelledTaskWithoutAScanner) {
  const auto told = notice("scan_cancelled", R"({"task_id": "t", "scanner_instance": null})");
  ASSERT_TRUE(told);
  EXPECT_THAT(told->body, HasSubstr("\"type\":\"task.cancelled\""));
  EXPECT_THAT(told->body, HasSubstr("\"scanner_instance\":null"));
}

TEST(Notice, TellsOfASuspendedScannerAndOfNoOtherState) {
  const auto told = notice("scanner_state_changed",
                           R"({"scanner_pool": "p", "scanner_instance": "i", "state": "suspended",
                               "reason": "the keys are refused"})");
  ASSERT_TRUE(told);
  EXPECT_EQ(told->kind, NoticeKind::scanner_suspended);
  EXPECT_THAT(told->body, HasSubstr("\"reason\":\"the keys are refused\""));
  EXPECT_FALSE(notice("scanner_state_changed", R"({"state": "ready"})"));
}

TEST(Notice, TellsOfARefusedScopeAndOfNoAllowedOne) {
  const auto told = notice("policy_decision", R"({"decision": "deny", "rule": "deny 10.0.0.1/32",
                                    "stage": "submission", "caller": "alice"})");
  ASSERT_TRUE(told);
  EXPECT_EQ(told->kind, NoticeKind::scope_refused);
  EXPECT_EQ(Json::parse(told->body)["data"]["caller"].asString(), "alice");
  EXPECT_FALSE(notice("policy_decision", R"({"decision": "allow"})"));
}

TEST(Notice, HasTheSameIdForTheSameEventAndAnotherForAnother) {
  const auto first = notice("scan_cancelled", R"({"task_id": "t"})");
  const auto again = notice("scan_cancelled", R"({"task_id": "t"})");
  const auto other = notice("scan_cancelled", R"({"task_id": "u"})");
  EXPECT_EQ(first->id, again->id);
  EXPECT_NE(first->id, other->id);
  EXPECT_EQ(first->id.size(), 36u);
}

TEST(Notice, PassesOnChosenFieldsOfBoundedLengthOnly) {
  const auto told = notice("scan_failed", R"({"task_id": ["a"], "final_status": "failed",
                                              "password": "hunter2", "error_message": ")" +
                                              std::string(5000, 'x') + "\"}");
  ASSERT_TRUE(told);
  EXPECT_THAT(told->body, Not(HasSubstr("hunter2")));
  EXPECT_THAT(told->body, HasSubstr("\"task_id\":null"));
  EXPECT_LT(told->body.size(), 1500u);
}

TEST(Notice, CutsNoCharacterInTwo) {
  std::string text(1023, 'x');
  text += "\xC3\xA4";
  const auto told =
      notice("scan_failed", R"({"final_status": "failed", "error_message": ")" + text + "\"}");
  ASSERT_TRUE(told);
  EXPECT_EQ(Json::parse(told->body)["data"]["error_message"].asString(), std::string(1023, 'x'));
}

TEST(Notice, IsMadeOfNoOtherEventAndNoBrokenLine) {
  EXPECT_FALSE(notice("scan_progress", R"({"task_id": "t"})"));
  EXPECT_FALSE(notice("scan_failed", R"({"final_status": "queued"})"));
  EXPECT_FALSE(noticeOf("scan_completed", "{"));
  EXPECT_FALSE(noticeOf("scan_failed", "[]"));
}

}  // namespace
}  // namespace scanhost::webhook
