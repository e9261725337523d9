// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// Providers of operations under test: ask them through the C ABI, and see what came of it.
///
///     OperationsUnderTest weather(plugin);
///     const OperationReply reply = weather.request("forecast", R"({"place":"Ghent"})");
///     SCANHOST_EXPECT_EQUAL(reply.end, "result");
#ifndef SCANHOST_TESTING_OPERATIONS_H
#define SCANHOST_TESTING_OPERATIONS_H

#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "../operations.h"
#include "host.h"

namespace scanhost {
inline namespace v1 {
namespace plugintest {

/// A content that a reply held.
struct ReplyContent {
  ContentKind kind = ContentKind::text;
  int role = SCANHOST_ROLE_NONE;
  std::string media_type, uri, name, bytes;
};

/// What became of a request.
struct OperationReply {
  /// How it ended: result, error, ask, task, completion, refused.
  std::string end;
  std::vector<ReplyContent> contents;
  std::vector<double> progress;
  std::string structured;  ///< of result and error
  std::string questions, state;
  TaskInfo task;
  std::vector<std::string> values;
  std::string reason, message;  ///< of refused
};

/// What is asked; the rest of an OperationRequest has its defaults.
struct AskedFor {
  RequestKind kind = RequestKind::operation;
  std::string name, arguments = {}, answers = {}, state = {};
  std::string client = "{\"elicitation\":{},\"sampling\":{},\"roots\":{}}";
  bool task_allowed = false;
};

/// Functions that fail throw the PluginError that the plugin left.
class OperationsUnderTest {
 public:
  explicit OperationsUnderTest(const TestPlugin& plugin, const Json& settings = Json::object(),
                               const std::string& data_dir = {})
      : instance_(plugin, SCANHOST_OPERATIONS_ID, settings, data_dir) {
    instance_.start();
  }

  /// One page of what a client may use.
  ListedPage list(ListKind what, const std::string& cursor = {}) {
    ListedPage page;
    detail::PageGatherer gathered(page);
    const Caller caller;
    TestCall call;
    call.throwIfFailed(table().list(instance_.self(), call.abi(), static_cast<int32_t>(what),
                                    &caller.abi, toText(cursor), gathered.sink()),
                       "list");
    return page;
  }

  /// Asks, and waits for the end, at most 30 seconds.
  OperationReply request(const AskedFor& asked) {
    const auto recording = std::make_shared<Recording>();
    const Caller caller;
    OperationRequest request;
    request.kind = asked.kind;
    request.name = asked.name;
    request.arguments = asked.arguments;
    request.caller = &caller.abi;
    request.client = asked.client;
    request.answers = asked.answers;
    request.state = asked.state;
    request.task_allowed = asked.task_allowed;
    const scanhost_request abi = detail::toAbi(request);
    TestCall call;
    const scanhost_reply reply = detail::LentReply::of(std::make_unique<Recorder>(recording));
    table().request(instance_.self(), call.abi(), &abi, &reply);
    std::unique_lock<std::mutex> lock(recording->mutex);
    if (!recording->ended.wait_for(lock, std::chrono::seconds(30),
                                   [&] { return !recording->reply.end.empty(); }))
      throw std::runtime_error("the reply did not end within 30 seconds");
    return recording->reply;
  }
  OperationReply request(const std::string& operation, const std::string& arguments = {}) {
    AskedFor asked;
    asked.name = operation;
    asked.arguments = arguments;
    return request(asked);
  }

  TestInstance& instance() noexcept { return instance_; }

 private:
  struct Caller {
    Caller() {
      abi.struct_size = sizeof abi;
      abi.subject = toText("test");
      abi.roles = {&role, 1};
    }
    const scanhost_text role = toText("client");
    scanhost_caller abi{};
  };
  struct Recording {
    std::mutex mutex;
    std::condition_variable ended;
    OperationReply reply;
    std::string begun;  ///< the bytes so far of a content that goes on
  };
  class Recorder final : public ReplySink {
   public:
    explicit Recorder(std::shared_ptr<Recording> recording) : recording_(std::move(recording)) {}
    void progress(double done, double, std::string_view) override {
      const std::lock_guard<std::mutex> lock(recording_->mutex);
      recording_->reply.progress.push_back(done);
    }
    void log(int32_t, std::string_view, std::string_view) override {}
    bool content(const ContentHead& head, std::string_view piece, bool more) override {
      const std::lock_guard<std::mutex> lock(recording_->mutex);
      recording_->begun += piece;
      if (more) return true;
      recording_->reply.contents.push_back({head.kind, head.role, std::string(head.media_type),
                                            std::string(head.uri), std::string(head.name),
                                            std::exchange(recording_->begun, std::string())});
      return true;
    }
    void result(std::string_view structured, bool is_error) override {
      recording_->reply.structured = structured;
      end(is_error ? "error" : "result");
    }
    void ask(std::string_view requests, std::string_view state) override {
      recording_->reply.questions = requests;
      recording_->reply.state = state;
      end("ask");
    }
    void task(const TaskInfo& task) override {
      recording_->reply.task = task;
      end("task");
    }
    void completion(const std::vector<std::string>& values, int64_t, bool) override {
      recording_->reply.values = values;
      end("completion");
    }
    void refused(std::string_view reason, std::string_view message, std::string_view) override {
      recording_->reply.reason = reason;
      recording_->reply.message = message;
      end("refused");
    }

   private:
    void end(const char* how) {
      const std::lock_guard<std::mutex> lock(recording_->mutex);
      recording_->reply.end = how;
      recording_->ended.notify_all();
    }
    const std::shared_ptr<Recording> recording_;
  };

  const scanhost_operations& table() const noexcept {
    return instance_.table<scanhost_operations>();
  }

  TestInstance instance_;
};

}  // namespace plugintest
}  // namespace v1
}  // namespace scanhost

#endif
