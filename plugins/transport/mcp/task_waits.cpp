// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "plugins/transport/mcp/task_waits.h"

#include <algorithm>
#include <atomic>
#include <optional>
#include <utility>
#include <vector>

#include "plugins/transport/mcp/content.h"
#include "plugins/transport/mcp/operation_call.h"
#include "plugins/transport/mcp/protocol.h"
#include "plugins/transport/mcp/session.h"

namespace scanhost::mcp {

class TaskWaits::Wait : public std::enable_shared_from_this<Wait> {
 public:
  Wait(TaskWaits& owner, Exchange exchange, std::string id)
      : owner_(owner), exchange_(std::move(exchange)), id_(std::move(id)) {}

  void begin() {
    const auto self = shared_from_this();
    exchange_.outlet->onGone([self] { self->finish(); });
    if (exchange_.session)
      exchange_.session->began(exchange_.id, [self] {
        if (self->finish()) self->exchange_.outlet->drop();
      });
    // Never holds the wait, which would end its watch within the watch's callback.
    watch_ = owner_.operations_.watch(
        exchange_.caller->abi(), SCANHOST_CHANGED_TASK, {}, {id_},
        [changed = changed_](std::uint32_t, std::string_view) { *changed = true; });
    look();
  }

  /// The watch's callback must be quick, so that the next look acts on it.
  bool takeChanged() { return changed_->exchange(false); }
  std::string_view subject() const { return exchange_.caller->subject(); }

  void look() {
    if (over_ || looking_.exchange(true)) return;
    request(RequestKind::task, {});
  }

  /// False when it was over already.
  bool finish() {
    if (over_.exchange(true)) return false;
    if (exchange_.session) exchange_.session->ended(exchange_.id);
    owner_.forget(shared_from_this());
    return true;
  }

  void drop() {
    if (finish()) exchange_.outlet->drop();
  }

 private:
  class Sink final : public ReplySink {
   public:
    explicit Sink(std::shared_ptr<Wait> wait)
        : wait_(std::move(wait)), contents_(wait_->exchange_.revision, ContentList::Form::tool) {}
    void progress(double, double, std::string_view) override {}
    void log(std::int32_t, std::string_view, std::string_view) override {}
    bool content(const ContentHead& head, std::string_view piece, bool more) override {
      return contents_.add(head, piece, more);
    }
    void result(std::string_view, bool) override { unexpected(); }
    void ask(std::string_view, std::string_view) override { unexpected(); }
    void completion(const std::vector<std::string>&, std::int64_t, bool) override { unexpected(); }
    void task(const TaskInfo& task) override { wait_->seen(contents_, task); }
    void refused(std::string_view reason, std::string_view message, std::string_view) override {
      wait_->fail(reason == "unknown" ? invalidParams("Unknown task")
                                      : RpcError(200, code::internal_error, std::string(message)));
    }

   private:
    void unexpected() {
      wait_->fail(RpcError(200, code::internal_error, "the task's owner did not tell its state"));
    }
    const std::shared_ptr<Wait> wait_;
    ContentList contents_;
  };

  void request(RequestKind kind, std::string_view answers) {
    OperationRequest request;
    request.kind = kind;
    request.name = id_;
    request.answers = answers;
    request.caller = &exchange_.caller->abi();
    const std::string client = exchange_.client.isNull() ? std::string() : exchange_.client.dump();
    request.client = client;
    owner_.operations_.request(request, exchange_.trace, exchange_.deadline_ns,
                               std::make_unique<Sink>(shared_from_this()));
  }

  void seen(const ContentList& contents, const TaskInfo& task) {
    looking_ = false;
    switch (task.phase) {
      case TaskPhase::working: return;
      case TaskPhase::input_required: return ask(task);
      case TaskPhase::failed:
        return fail(RpcError(200, code::internal_error,
                             task.error.empty() ? "the task failed" : task.error));
      case TaskPhase::cancelled:
        return fail(RpcError(200, code::invalid_request, "the task was cancelled"));
      case TaskPhase::completed: break;
    }
    if (!finish()) return;
    const Json related =
        Json::object({{std::string(meta::related_task), Json::object({{"taskId", id_}})}});
    exchange_.succeed(toolMembers(contents, task.structured, task.is_error, exchange_.revision) +
                      ",\"_meta\":" + related.dump());
  }

  /// Each open question once, on the stream of this request.
  void ask(const TaskInfo& task) {
    const Json questions = Json::tryParse(task.requests).value_or(Json());
    if (!exchange_.session || !exchange_.outlet->canNotify()) return;
    for (const auto& [key, question] : questions.members()) {
      {
        const std::lock_guard lock(mutex_);
        if (!asked_.insert(key).second) continue;
      }
      Json params = question["params"].isObject() ? question["params"] : Json::object();
      params["_meta"][meta::related_task] = Json::object({{"taskId", id_}});
      exchange_.session->ask(
          *exchange_.outlet, question["method"].asString(), params,
          [self = shared_from_this(), key = key](const Message* answer) {
            if (!answer || !answer->error.isNull() || self->over_) return;
            self->request(RequestKind::task_answer, Json::object({{key, answer->result}}).dump());
          });
    }
  }

  void fail(const RpcError& error) {
    looking_ = false;
    if (finish()) exchange_.fail(error);
  }

  TaskWaits& owner_;
  const Exchange exchange_;
  const std::string id_;
  std::optional<OperationsWatch> watch_;
  std::atomic<bool> over_{false};
  std::atomic<bool> looking_{false};
  const std::shared_ptr<std::atomic<bool>> changed_ = std::make_shared<std::atomic<bool>>(false);
  std::mutex mutex_;
  std::set<std::string> asked_;
};

void TaskWaits::begin(Exchange exchange, const std::string& task_id) {
  auto wait = std::make_shared<Wait>(*this, std::move(exchange), task_id);
  {
    const std::lock_guard lock(mutex_);
    const auto own = std::count_if(waits_.begin(), waits_.end(), [&](const auto& other) {
      return other->subject() == wait->subject();
    });
    if (waits_.size() >= max_waits || static_cast<std::size_t>(own) >= max_waits_per_client)
      throw RpcError(503, code::internal_error, "too many wait for a task's result; try again");
    waits_.insert(wait);
  }
  wait->begin();
}

void TaskWaits::forget(const std::shared_ptr<Wait>& wait) {
  const std::lock_guard lock(mutex_);
  waits_.erase(wait);
}

void TaskWaits::look(bool all) {
  std::vector<std::shared_ptr<Wait>> waits;
  {
    const std::lock_guard lock(mutex_);
    waits.assign(waits_.begin(), waits_.end());
  }
  for (const auto& wait : waits)
    if (wait->takeChanged() || all) wait->look();
}

void TaskWaits::end() {
  std::vector<std::shared_ptr<Wait>> waits;
  {
    const std::lock_guard lock(mutex_);
    waits.assign(waits_.begin(), waits_.end());
  }
  for (const auto& wait : waits) wait->drop();
}

}  // namespace scanhost::mcp
