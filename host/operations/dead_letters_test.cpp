// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// What operators may do with dead letters.
#include <set>

#include "host/operations/test_operations.h"

namespace scanhost {
namespace {

using testing::SizeIs;

class DeadLetterOperations : public OperationsTest {
 protected:
  DeadLetterOperations() { addScanner("far", ScannerKind::remote); }

  Json purge(Json arguments) {
    arguments["confirm"] = true;
    return call("purge_dead_letters", arguments, operator_caller);
  }
};

TEST_F(DeadLetterOperations, NoOneButAnOperatorKnowsOfThem) {
  const std::string task = failedTask("far", ErrorClass::transient);
  for (const Caller& caller : {owner, stranger, viewer})
    for (const char* operation : {"list_dead_letters", "redrive_task", "purge_dead_letters"})
      EXPECT_EQ(callOn(operation, task, caller)["code"].asString(), "unknown") << operation;
}

TEST_F(DeadLetterOperations, ThePagesOfAListHoldEachOnce) {
  std::set<std::string> expected, found;
  for (int i = 0; i < 7; ++i) expected.insert(failedTask("far", ErrorClass::transient));
  failedTask("far", ErrorClass::target, false);
  Json arguments = Json::object({{"limit", 3}});
  for (int page = 0; page < 3; ++page) {
    const Json listed = call("list_dead_letters", arguments, operator_caller);
    EXPECT_EQ(listed["total"], Json(7));
    for (const Json& letter : listed["dead_letters"].items())
      EXPECT_TRUE(found.insert(letter["task_id"].asString()).second);
    arguments["cursor"] = listed["next_cursor"];
  }
  EXPECT_TRUE(arguments["cursor"].isNull());
  EXPECT_EQ(found, expected);
}

TEST_F(DeadLetterOperations, ACursorOfAnotherRequestIsRefused) {
  for (int i = 0; i < 2; ++i) failedTask("far", ErrorClass::transient);
  const Json first = call("list_dead_letters", Json::object({{"limit", 1}}), operator_caller);
  const Json other = call("list_dead_letters",
                          Json::object({{"cursor", first["next_cursor"]}, {"scanner_pool", "far"}}),
                          operator_caller);
  EXPECT_EQ(other["code"].asString(), "invalid_argument");
}

TEST_F(DeadLetterOperations, AnUnknownPoolIsNoEmptyList) {
  const Json pool = Json::object({{"scanner_pool", "nowhere"}});
  EXPECT_EQ(call("list_dead_letters", pool, operator_caller)["code"].asString(), "pool_not_found");
  EXPECT_EQ(purge(pool)["code"].asString(), "pool_not_found");
}

TEST_F(DeadLetterOperations, ARedrivenTaskIsQueuedOnceAsItsNextAttempt) {
  const std::string id = failedTask("far", ErrorClass::transient);
  const Json redriven = callOn("redrive_task", id);
  EXPECT_EQ(redriven["status"].asString(), "queued");
  EXPECT_EQ(redriven["attempt"], Json(2));
  EXPECT_EQ(callOn("redrive_task", id)["code"].asString(), "invalid_state");
  EXPECT_EQ(metric("scanhost_redrives_total", {{"pool", "far"}}), 1);
  EXPECT_THAT(events("task_redriven"), SizeIs(1));
}

TEST_F(DeadLetterOperations, ARedrivenDeadLetterCanComplete) {
  const std::string id = failedTask("far", ErrorClass::transient);
  callOn("redrive_task", id);
  worker();
  EXPECT_EQ(waitFor(id, TaskState::completed).attempt, 2);
}

TEST_F(DeadLetterOperations, AFailedTaskThatIsNoDeadLetterCanBeRedriven) {
  const std::string id = failedTask("far", ErrorClass::target, false);
  EXPECT_EQ(callOn("redrive_task", id)["status"].asString(), "queued");
}

TEST_F(DeadLetterOperations, LostAndAmbiguousOnesNeedRelaunch) {
  const std::string lost = failedTask("far", ErrorClass::lost);
  const std::string ambiguous = failedTask("far", ErrorClass::ambiguous);
  for (const std::string& id : {lost, ambiguous}) {
    EXPECT_EQ(callOn("redrive_task", id)["code"].asString(), "invalid_state");
    EXPECT_EQ(task(id).state, TaskState::failed);
    const Json arguments = Json::object({{"task_id", id}, {"relaunch", true}});
    EXPECT_EQ(call("redrive_task", arguments, operator_caller)["status"].asString(), "queued");
    EXPECT_TRUE(task(id).flags.relaunch);
  }
}

TEST_F(DeadLetterOperations, ATaskThatRunsIsNotRedriven) {
  const std::string id = submit("far");
  EXPECT_EQ(callOn("redrive_task", id)["details"]["state"].asString(), "queued");
}

TEST_F(DeadLetterOperations, APurgeWantsTheWord) {
  const std::string id = failedTask("far", ErrorClass::transient);
  for (const Json& arguments : {Json::object(), Json::object({{"confirm", false}})})
    EXPECT_EQ(call("purge_dead_letters", arguments, operator_caller)["details"]["param"].asString(),
              "confirm");
  EXPECT_EQ(task(id).state, TaskState::failed);
}

TEST_F(DeadLetterOperations, APurgeTakesDeadLettersAlone) {
  for (int i = 0; i < 5; ++i) failedTask("far", ErrorClass::transient);
  const std::string failed = failedTask("far", ErrorClass::target, false);
  const std::string waiting = submit("far");
  const Json purged = purge(Json::object());
  EXPECT_EQ(purged["purged"], Json(5));
  EXPECT_TRUE(purged["complete"].asBool());
  EXPECT_EQ(purge(Json::object())["purged"], Json(0));
  EXPECT_EQ(task(failed).state, TaskState::failed);
  EXPECT_EQ(task(waiting).state, TaskState::queued);
  EXPECT_THAT(events("dead_letters_purged"), SizeIs(1));
}

TEST_F(DeadLetterOperations, APurgeOfOldOnesLeavesTheYoung) {
  failedTask("far", ErrorClass::transient);
  EXPECT_EQ(purge(Json::object({{"older_than", "1h"}}))["purged"], Json(0));
  EXPECT_EQ(purge(Json::object({{"older_than", "soon"}}))["details"]["param"].asString(),
            "older_than");
  EXPECT_EQ(purge(Json::object({{"older_than", "0s"}}))["purged"], Json(1));
}

TEST_F(DeadLetterOperations, APurgeOfOneTakesThatOne) {
  const std::string one = failedTask("far", ErrorClass::transient);
  const std::string other = failedTask("far", ErrorClass::transient);
  EXPECT_EQ(purge(Json::object({{"task_id", one}}))["purged"], Json(1));
  EXPECT_EQ(task(other).state, TaskState::failed);
  EXPECT_EQ(purge(Json::object({{"task_id", one}}))["code"].asString(), "task_not_found");
  EXPECT_EQ(purge(Json::object({{"task_id", submit("far")}}))["code"].asString(), "invalid_state");
}

}  // namespace
}  // namespace scanhost
