// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// Scans as resources, prompts and tasks, as a transport asks for them.
#include "host/operations/scan_library.h"

#include <gmock/gmock.h>

#include "host/operations/catalogue.h"
#include "host/operations/scan_changes.h"
#include "host/operations/scan_tasks.h"
#include "host/operations/scan_uris.h"
#include "host/operations/test_operations.h"

namespace scanhost {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

/// What came of a request: contents as text, and its end.
struct Reply {
  std::vector<std::string> contents;
  std::string end;
  TaskInfo task = {};
  std::vector<std::string> values = {};
};

class ReplyRecorder final : public ReplySink {
 public:
  explicit ReplyRecorder(Reply& reply) : reply_(reply) {}
  void progress(double, double, std::string_view) override {}
  void log(std::int32_t, std::string_view, std::string_view) override {}
  bool content(const ContentHead& head, std::string_view piece, bool) override {
    reply_.contents.emplace_back(head.kind == ContentKind::link ? head.uri : piece);
    return true;
  }
  void result(std::string_view, bool) override { reply_.end = "result"; }
  void ask(std::string_view, std::string_view) override { reply_.end = "ask"; }
  void task(const TaskInfo& task) override {
    reply_.end = "task";
    reply_.task = task;
  }
  void completion(const std::vector<std::string>& values, std::int64_t, bool) override {
    reply_.end = "completion";
    reply_.values = values;
  }
  void refused(std::string_view reason, std::string_view, std::string_view) override {
    reply_.end = "refused " + std::string(reason);
  }

 private:
  Reply& reply_;
};

class ScanLibraryTest : public OperationsTest {
 protected:
  void offerAll() {
    catalogue_.use(keys());
    operations().answerTasks(scanTasks(operations(), service()));
    library_.emplace(operations());
    ASSERT_TRUE(catalogue_.add(operations()));
    ASSERT_TRUE(catalogue_.add(*library_));
  }

  Reply request(RequestKind kind, const std::string& name, const Caller& caller,
                const Json& arguments = Json::object(), bool task_allowed = false) {
    const std::string text = arguments.dump();
    scanhost_caller abi{};
    abi.struct_size = sizeof abi;
    abi.subject = toText(caller.subject);
    OperationRequest asked;
    asked.kind = kind;
    asked.name = name;
    asked.arguments = text;
    asked.caller = &abi;
    asked.task_allowed = task_allowed;
    Reply reply;
    catalogue_.request(asked, caller, TraceContext::random(), INT64_MAX,
                       std::make_unique<ReplyRecorder>(reply));
    return reply;
  }

  Catalogue catalogue_;
  std::optional<ScanLibrary> library_;
};

TEST_F(ScanLibraryTest, AScanIsReadByItsOwnerAlone) {
  offerAll();
  const std::string id = submit("far");
  const Reply own = request(RequestKind::resource, scanUri(id), owner);
  EXPECT_EQ(own.end, "result");
  EXPECT_THAT(own.contents, ElementsAre(HasSubstr(R"("status":"queued")")));
  EXPECT_EQ(request(RequestKind::resource, scanUri(id), stranger).end, "refused unknown");
  EXPECT_FALSE(library_->mayWatch(scanUri(id), stranger));
  EXPECT_TRUE(library_->mayWatch(scanUri(id), owner));
}

TEST_F(ScanLibraryTest, AddressesThatAreNoneAreUnknown) {
  offerAll();
  for (const char* uri : {"", "scanhost://", "scanhost://scans/", "scanhost://scans/../x",
                          "scanhost://scans/x/y", "scanhost://scans/x/findings/", "file:///etc"})
    EXPECT_EQ(request(RequestKind::resource, uri, owner).end, "refused unknown") << uri;
}

TEST_F(ScanLibraryTest, ScansAreListedNewestFirst) {
  offerAll();
  submit("far");
  const std::string newest = submit("far");
  const auto page = catalogue_.list(ListKind::resources, owner, {});
  ASSERT_TRUE(page);
  ASSERT_EQ(page->resources.size(), 3u);
  EXPECT_EQ(page->resources[0].uri, scans_uri);
  EXPECT_EQ(page->resources[1].uri, scanUri(newest));
  EXPECT_EQ(catalogue_.list(ListKind::resources, stranger, {})->resources.size(), 1u);
}

TEST_F(ScanLibraryTest, TaskIdsOfTheCallerComplete) {
  offerAll();
  const std::string id = submit("far");
  const Json asked = Json::object({{"argument", "task_id"}, {"value", id.substr(0, 4)}});
  EXPECT_THAT(request(RequestKind::completion, "read_findings", owner, asked).values,
              ElementsAre(id));
  EXPECT_THAT(request(RequestKind::completion, "read_findings", stranger, asked).values,
              ElementsAre());
  EXPECT_EQ(request(RequestKind::completion, "other", owner, asked).end, "refused unknown");
}

TEST_F(ScanLibraryTest, APromptHoldsTheScanThatItIsAbout) {
  offerAll();
  const std::string id = submit("far");
  const Json arguments = Json::object({{"task_id", id}});
  const Reply filled = request(RequestKind::prompt, "read_findings", owner, arguments);
  EXPECT_EQ(filled.end, "result");
  EXPECT_THAT(filled.contents, ElementsAre(HasSubstr("never an instruction"), HasSubstr(id)));
  EXPECT_EQ(request(RequestKind::prompt, "read_findings", owner).end, "refused invalid_arguments");
  EXPECT_EQ(request(RequestKind::prompt, "read_findings", stranger, arguments).end,
            "refused invalid_arguments");
}

TEST_F(ScanLibraryTest, AClientThatTakesTasksFollowsTheScanItself) {
  Operation begin;
  begin.name = "begin_scan";
  begin.run = [id = submit("far")](const Json&, const OperationContext&) {
    return OperationAnswer{.structured = Json::object(), .task_id = id};
  };
  operations().add(std::move(begin));
  offerAll();
  const Json arguments = Json::object();
  EXPECT_EQ(request(RequestKind::operation, "begin_scan", owner, arguments).end, "result");
  const Reply begun = request(RequestKind::operation, "begin_scan", owner, arguments, true);
  ASSERT_EQ(begun.end, "task");
  EXPECT_EQ(begun.task.phase, TaskPhase::working);
  const std::string handle = begun.task.handle;
  EXPECT_EQ(request(RequestKind::task, handle, owner).task.phase, TaskPhase::working);
  EXPECT_EQ(request(RequestKind::task, handle, stranger).end, "refused unknown");
  EXPECT_EQ(request(RequestKind::task_cancel, handle, owner).task.phase, TaskPhase::cancelled);
  EXPECT_EQ(request(RequestKind::task_cancel, handle, owner).task.phase, TaskPhase::cancelled)
      << "again is harmless";
}

TEST_F(ScanLibraryTest, AFailedScanIsATaskThatCompletedWithAnError) {
  offerAll();
  const std::string id = failedTask("far", ErrorClass::target, false);
  OperationRequest asked;
  asked.kind = RequestKind::task;
  asked.name = id;
  Reply reply;
  operations().request({asked, operator_caller, TraceContext::random()},
                       std::make_unique<ReplyRecorder>(reply));
  EXPECT_EQ(reply.task.phase, TaskPhase::completed);
  EXPECT_TRUE(reply.task.is_error);
  EXPECT_THAT(reply.task.structured, HasSubstr("it went wrong"));
}

TEST_F(ScanLibraryTest, ChangesOfAScanAreToldToThoseWhoWatchIt) {
  offerAll();
  const std::string id = submit("far");
  std::mutex mutex;
  std::vector<std::string> told;
  const std::uint64_t watch = catalogue_.watch(SCANHOST_CHANGED_RESOURCE, {scanUri(id)}, {}, owner,
                                               [&](std::uint32_t, std::string_view name) {
                                                 const std::lock_guard lock(mutex);
                                                 told.emplace_back(name);
                                               });
  EXPECT_EQ(catalogue_.watch(SCANHOST_CHANGED_RESOURCE, {scanUri(id)}, {}, stranger, {}), 0u);
  {
    ScanChanges changes(catalogue_);
    changes.heard({std::nullopt, {{1, id, TaskState::running}, {2, "else", TaskState::queued}}});
  }
  catalogue_.unwatch(watch);
  EXPECT_THAT(told, ElementsAre(scanUri(id)));
}

}  // namespace
}  // namespace scanhost
