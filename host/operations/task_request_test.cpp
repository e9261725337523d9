// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// Cancel, pause, resume and delete, each as the task's owner asks for it.
#include "host/operations/test_operations.h"

namespace scanhost {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

class TaskRequests : public OperationsTest {
 protected:
  static Json endless() { return Json::object({{"polls", 0}}); }

  std::string running(const std::string& pool, const std::filesystem::path& backend,
                      const std::string& sign) {
    worker();
    const std::string id = submit(pool);
    EXPECT_TRUE(waitForCall(backend, sign));
    return id;
  }
  Json ask(const std::string& operation, const std::string& id) {
    const Json answer = callOn(operation, id, owner);
    return answer;
  }
};

TEST_F(TaskRequests, StrangersSeeNothingAndViewersChangeNothing) {
  addScanner("far", ScannerKind::remote);
  const std::string id = submit("far");
  for (const char* operation : {"cancel_scan", "pause_scan", "resume_scan", "delete_scan"}) {
    EXPECT_EQ(callOn(operation, id, stranger)["code"].asString(), "task_not_found") << operation;
    EXPECT_EQ(callOn(operation, id, viewer)["code"].asString(), "forbidden") << operation;
  }
  EXPECT_EQ(task(id).state, TaskState::queued);
}

TEST_F(TaskRequests, AHeldTaskIsQueuedAgainByResume) {
  addScanner("far", ScannerKind::remote);
  const std::string id = submit("far");
  for (int i = 0; i < 2; ++i) {
    const Json held = ask("pause_scan", id);
    EXPECT_EQ(held["status"].asString(), "paused");
    EXPECT_TRUE(held["pause_requested"].asBool());
  }
  EXPECT_THAT(events("pause_requested"), SizeIs(1)) << "a repeat is no news";
  EXPECT_THAT(events("scan_paused"), SizeIs(1));
  for (int i = 0; i < 2; ++i) {
    const Json again = ask("resume_scan", id);
    EXPECT_EQ(again["status"].asString(), "queued");
    EXPECT_FALSE(again["pause_requested"].asBool());
  }
  EXPECT_THAT(events("resume_requested"), SizeIs(1));
}

TEST_F(TaskRequests, AScanUnderWayIsPausedAndResumedByItsScanner) {
  const auto backend = addScanner("far", ScannerKind::remote, endless());
  const std::string id = running("far", backend, "poll");
  const Json asked = ask("pause_scan", id);
  EXPECT_EQ(asked["status"].asString(), "running");
  EXPECT_TRUE(asked["pause_requested"].asBool());
  waitFor(id, TaskState::paused);
  EXPECT_FALSE(ask("resume_scan", id)["pause_requested"].asBool());
  waitFor(id, TaskState::running);
  EXPECT_THAT(calls(backend, "resume"), SizeIs(1));
}

TEST_F(TaskRequests, ALocalScanUnderWayCannotBePaused) {
  const auto backend = addScanner("near", ScannerKind::local);
  script(backend, R"({"scan": [{"sleep_ms": 60000}]})");
  const std::string id = running("near", backend, "scan");
  EXPECT_EQ(ask("pause_scan", id)["code"].asString(), "unsupported");
  EXPECT_FALSE(task(id).flags.pause_requested);
}

TEST_F(TaskRequests, AScanPausedElsewhereIsResumedThere) {
  const auto backend = addScanner("far", ScannerKind::remote, endless());
  const std::string id = running("far", backend, "poll");
  ASSERT_TRUE(client().pause({"1", "", ""}, {}));
  waitFor(id, TaskState::paused);
  const Json resumed = ask("resume_scan", id);
  EXPECT_EQ(resumed["status"].asString(), "paused");
  EXPECT_THAT(resumed["message"].asString(), HasSubstr("resume it there"));
}

TEST_F(TaskRequests, ATaskThatEndedIsNotSteered) {
  addScanner("far", ScannerKind::remote);
  const std::string id = submit("far");
  EXPECT_EQ(ask("cancel_scan", id)["status"].asString(), "cancelled");
  EXPECT_EQ(ask("cancel_scan", id)["status"].asString(), "cancelled") << "a repeat is harmless";
  EXPECT_EQ(ask("pause_scan", id)["code"].asString(), "invalid_state");
  EXPECT_EQ(ask("resume_scan", id)["code"].asString(), "invalid_state");
}

TEST_F(TaskRequests, DeleteRemovesRecordFindingsAndRemoteScan) {
  const auto backend = addScanner("far", ScannerKind::remote);
  const std::string id = running("far", backend, "start");
  waitFor(id, TaskState::completed);
  const Json deleted = ask("delete_scan", id);
  EXPECT_TRUE(deleted["deleted"].asBool()) << deleted.dump();
  EXPECT_GT(deleted["findings_deleted"].asInteger(), 0);
  EXPECT_EQ(deleted["remote"].asString(), "deleted");
  EXPECT_THAT(calls(backend, "remove"), ElementsAre("1"));
  EXPECT_TRUE(task(id).id.empty());
  EXPECT_EQ(ask("delete_scan", id)["code"].asString(), "task_not_found");
  EXPECT_THAT(events("scan_deleted"), SizeIs(1));
}

TEST_F(TaskRequests, DeleteTouchesNoScanOfAnotherTask) {
  const auto backend = addScanner("far", ScannerKind::remote);
  worker();
  const std::string first = submit("far"), second = submit("far");
  waitFor(first, TaskState::completed);
  const std::string other_reference = waitFor(second, TaskState::completed).reference;
  const std::string reference = task(first).reference;
  ask("delete_scan", first);
  EXPECT_THAT(calls(backend, "remove"), ElementsAre(reference));
  EXPECT_NE(reference, other_reference);
}

TEST_F(TaskRequests, AReferenceWhoseScanDoesNotCarryTheMarkerIsLeftAlone) {
  const auto backend = addScanner("far", ScannerKind::remote);
  const std::string id = running("far", backend, "start");
  waitFor(id, TaskState::completed);
  ASSERT_TRUE(client().remove({"1", "", ""}, {}));  // and whatever is "1" now is not ours
  EXPECT_EQ(ask("delete_scan", id)["remote"].asString(), "absent");
  EXPECT_THAT(calls(backend, "remove"), SizeIs(1)) << "the one above";
}

TEST_F(TaskRequests, AScannerThatFailsKeepsTheTask) {
  const auto backend = addScanner("far", ScannerKind::remote);
  script(backend, R"({"remove": [{"class": "transient", "subject": "backend"}]})");
  const std::string id = running("far", backend, "start");
  waitFor(id, TaskState::completed);
  EXPECT_EQ(ask("delete_scan", id)["code"].asString(), "unavailable");
  EXPECT_EQ(task(id).state, TaskState::completed);
  EXPECT_EQ(ask("delete_scan", id)["remote"].asString(), "deleted");
}

TEST_F(TaskRequests, ATaskThatWasNeverLaunchedLeavesNothingOnAScanner) {
  const auto backend = addScanner("far", ScannerKind::remote);
  const std::string id = submit("far");
  EXPECT_EQ(ask("delete_scan", id)["code"].asString(), "invalid_state");
  ask("cancel_scan", id);
  EXPECT_EQ(ask("delete_scan", id)["remote"].asString(), "absent");
  EXPECT_THAT(calls(backend, "find"), IsEmpty());
}

}  // namespace
}  // namespace scanhost
