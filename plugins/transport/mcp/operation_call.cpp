// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "plugins/transport/mcp/operation_call.h"

#include <algorithm>
#include <cstdio>
#include <ctime>
#include <mutex>
#include <utility>
#include <vector>

#include "plugins/transport/mcp/json_members.h"
#include "plugins/transport/mcp/protocol.h"
#include "plugins/transport/mcp/session.h"

namespace scanhost::mcp {
namespace {

std::string echo(const std::string& name) {
  constexpr std::size_t longest = 64;
  return name.size() > longest ? name.substr(0, longest) + "..." : name;
}

/// ISO 8601 (RFC 3339) with milliseconds.
std::string timestamp(std::int64_t micros) {
  const std::time_t seconds = static_cast<std::time_t>(micros / 1'000'000);
  std::tm parts{};
  gmtime_r(&seconds, &parts);
  char text[32];
  const std::size_t size = std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%S", &parts);
  char fraction[8];
  std::snprintf(fraction, sizeof fraction, ".%03dZ", static_cast<int>(micros / 1000 % 1000));
  return std::string(text, size) + fraction;
}

std::string_view statusOf(const TaskInfo& task, Revision revision) {
  switch (task.phase) {
    case TaskPhase::working: return "working";
    case TaskPhase::input_required: return "input_required";
    case TaskPhase::completed:
      // 2025-11-25 has no result that is an error of a completed task.
      return task.is_error && !isStateless(revision) ? "failed" : "completed";
    case TaskPhase::failed: return "failed";
    case TaskPhase::cancelled: return "cancelled";
  }
  return "failed";
}

}  // namespace

std::string taskMembers(const TaskInfo& task, Revision revision) {
  const bool stateless = isStateless(revision);
  std::string out;
  appendString(out, "taskId", task.handle);
  appendString(out, "status", statusOf(task, revision));
  if (!task.message.empty()) appendString(out, "statusMessage", task.message);
  appendString(out, "createdAt", timestamp(task.created_us));
  appendString(out, "lastUpdatedAt", timestamp(task.updated_us));
  appendMember(out, stateless ? "ttlMs" : "ttl",
               task.ttl_ms < 0 ? "null" : std::to_string(task.ttl_ms));
  if (task.poll_ms > 0)
    appendMember(out, stateless ? "pollIntervalMs" : "pollInterval", std::to_string(task.poll_ms));
  return out;
}

std::string detailedTaskMembers(const ContentList& contents, const TaskInfo& task,
                                Revision revision) {
  std::string members = taskMembers(task, revision);
  if (task.phase == TaskPhase::input_required)
    appendMember(members, "inputRequests", task.requests.empty() ? "{}" : task.requests);
  if (task.phase == TaskPhase::completed)
    appendMember(members, "result",
                 "{" + toolMembers(contents, task.structured, task.is_error, revision) +
                     ",\"resultType\":\"complete\"}");
  if (task.phase == TaskPhase::failed)
    appendMember(members, "error",
                 Json::object({{"code", code::internal_error},
                               {"message", task.error.empty() ? "the task failed" : task.error}})
                     .dump());
  return members;
}

std::string toolMembers(const ContentList& contents, std::string_view structured, bool is_error,
                        Revision revision) {
  std::string members;
  members.reserve(structured.size() * 2 + 128);
  if (contents.empty() && !structured.empty()) {
    members = "\"content\":[{\"type\":\"text\",\"text\":";
    Json::writeString(members, structured);
    members += "}]";
  } else {
    members = "\"content\":" + contents.text();
  }
  const bool fits =
      hasAnyStructure(revision) || (hasStructure(revision) && structured.substr(0, 1) == "{");
  if (fits && !structured.empty()) appendMember(members, "structuredContent", structured);
  appendMember(members, "isError", is_error ? "true" : "false");
  return members;
}

/// Takes the reply for its call, and gathers the contents.
class OperationCall::Sink final : public ReplySink {
 public:
  explicit Sink(std::shared_ptr<OperationCall> call)
      : call_(std::move(call)), contents_(call_->exchange_.revision, formOf(call_->asked_.form)) {}

  void progress(double done, double total, std::string_view message) override {
    call_->progress(done, total, message);
  }
  void log(std::int32_t level, std::string_view logger, std::string_view data) override {
    call_->log(level, logger, data);
  }
  bool content(const ContentHead& head, std::string_view piece, bool more) override {
    const bool fits = contents_.add(head, piece, more);
    too_large_ = too_large_ || !fits;
    return fits && !call_->cancelled_;
  }
  void result(std::string_view structured, bool is_error) override {
    if (!tellTooLarge()) call_->result(contents_, structured, is_error);
  }
  void ask(std::string_view requests, std::string_view state) override {
    call_->ask(requests, state);
  }
  void task(const TaskInfo& task) override {
    if (!tellTooLarge()) call_->task(contents_, task);
  }
  void completion(const std::vector<std::string>& values, std::int64_t total,
                  bool has_more) override {
    call_->completion(values, total, has_more);
  }
  void refused(std::string_view reason, std::string_view message, std::string_view data) override {
    call_->refused(reason, message, data);
  }

 private:
  static ContentList::Form formOf(AnswerForm form) {
    if (form == AnswerForm::prompt) return ContentList::Form::prompt;
    return form == AnswerForm::resource ? ContentList::Form::resource : ContentList::Form::tool;
  }
  bool tellTooLarge() {
    if (too_large_) call_->refused("internal", "the answer is larger than one may be", {});
    return too_large_;
  }

  const std::shared_ptr<OperationCall> call_;
  ContentList contents_;
  bool too_large_ = false;
};

/// Questions to the client of a session, until all are answered.
class OperationCall::Questions : public std::enable_shared_from_this<Questions> {
 public:
  Questions(std::shared_ptr<OperationCall> call, std::string state, std::size_t open)
      : call_(std::move(call)), state_(std::move(state)), open_(open) {}

  void answered(const std::string& key, const Message* answer) {
    {
      const std::lock_guard lock(mutex_);
      if (answer && answer->error.isNull())
        answers_[key] = answer->result;
      else if (failure_.empty())
        failure_ = answer ? "the client refused: " + answer->error["message"].asString()
                          : "the client left without an answer";
      if (--open_ > 0) return;
    }
    if (!failure_.empty()) return call_->refused("internal", failure_, {});
    call_->asked_.answers = answers_.dump();
    call_->asked_.state = state_;
    call_->request();
  }

 private:
  const std::shared_ptr<OperationCall> call_;
  const std::string state_;
  std::mutex mutex_;
  std::size_t open_;
  Json answers_ = Json::object();
  std::string failure_;
};

void OperationCall::start() {
  const auto self = shared_from_this();
  exchange_.outlet->onGone([self] { self->cancel(); });
  if (exchange_.session)
    exchange_.session->began(exchange_.id, [self] {
      self->cancel();
      self->exchange_.outlet->drop();
    });
  request();
}

void OperationCall::request() {
  OperationRequest request;
  request.kind = asked_.kind;
  request.name = asked_.name;
  request.arguments = asked_.arguments;
  request.caller = &exchange_.caller->abi();
  const std::string client = exchange_.client.isNull() ? std::string() : exchange_.client.dump();
  request.client = client;
  request.answers = asked_.answers;
  request.state = asked_.state;
  request.log_level = exchange_.outlet->canNotify() ? exchange_.log_level : -1;
  request.task_allowed = asked_.task_allowed;
  request.task_wanted = asked_.task_wanted;
  request.task_ttl_ms = asked_.task_ttl_ms;
  handle_ = operations_.request(request, exchange_.trace, exchange_.deadline_ns,
                                std::make_unique<Sink>(shared_from_this()));
  if (cancelled_) operations_.cancel(handle_);
}

void OperationCall::cancel() {
  cancelled_ = true;
  if (const std::uint64_t handle = handle_) operations_.cancel(handle);
}

void OperationCall::end() {
  if (exchange_.session) exchange_.session->ended(exchange_.id);
}

/// Progress must increase (MCP, Progress): what does not is passed over.
void OperationCall::progress(double done, double total, std::string_view message) {
  if (exchange_.progress_token.isNull() || cancelled_ || !(done > last_progress_)) return;
  last_progress_ = done;
  Json params = Json::object({{"progressToken", exchange_.progress_token}, {"progress", done}});
  if (total > 0) params["total"] = total;
  if (!message.empty() && exchange_.revision >= Revision::r2025_03_26) params["message"] = message;
  exchange_.outlet->notify(notificationBody("notifications/progress", params));
}

void OperationCall::log(std::int32_t level, std::string_view logger, std::string_view data) {
  if (exchange_.log_level < 0 || level < exchange_.log_level || cancelled_) return;
  auto value = Json::tryParse(data);
  if (!value) return;
  Json params = Json::object({{"level", logLevelName(level)}, {"data", std::move(*value)}});
  if (!logger.empty()) params["logger"] = logger;
  exchange_.outlet->notify(notificationBody("notifications/message", params));
}

void OperationCall::result(const ContentList& contents, std::string_view structured,
                           bool is_error) {
  end();
  switch (asked_.form) {
    case AnswerForm::resource:
      return exchange_.succeed("\"contents\":" + contents.text(), Keep::never);
    case AnswerForm::prompt: {
      std::string members = "\"messages\":" + contents.text();
      const Json described = Json::tryParse(structured).value_or(Json());
      if (const std::string& text = described["description"].asString(); !text.empty())
        appendString(members, "description", text);
      return exchange_.succeed(std::move(members));
    }
    default:
      return exchange_.succeed(
          toolMembers(contents, structured, is_error && !errors_as_results_, exchange_.revision));
  }
}

void OperationCall::ask(std::string_view requests, std::string_view state) {
  const auto questions = Json::tryParse(requests);
  if (!questions || !questions->isObject())
    return refused("internal", "the operation's questions are malformed", {});
  if (!isStateless(exchange_.revision)) return askClient(*questions, state);
  end();
  std::string members;
  if (questions->size() > 0) appendMember(members, "inputRequests", requests);
  if (!state.empty()) appendString(members, "requestState", state);
  exchange_.succeedAs("input_required", std::move(members));
}

void OperationCall::askClient(const Json& requests, std::string_view state) {
  if (!exchange_.session || !exchange_.outlet->canNotify())
    return refused("missing_capability", "the client reads no stream on which it could be asked",
                   {});
  const auto questions = std::make_shared<Questions>(shared_from_this(), std::string(state),
                                                     std::max<std::size_t>(requests.size(), 1));
  if (requests.size() == 0) {
    const Message nothing;
    return questions->answered("", &nothing);
  }
  for (const auto& [key, question] : requests.members())
    if (!exchange_.session->ask(
            *exchange_.outlet, question["method"].asString(), question["params"],
            [questions, key = key](const Message* answer) { questions->answered(key, answer); }))
      questions->answered(key, nullptr);
}

void OperationCall::task(const ContentList& contents, const TaskInfo& task) {
  TaskInfo told = task;
  told.is_error = task.is_error && !errors_as_results_;
  if (asked_.form == AnswerForm::cancelled_task && asked_.kind == RequestKind::task) {
    if (task.phase >= TaskPhase::completed)
      return refused("invalid_arguments", "the task has ended already", {});
    asked_.kind = RequestKind::task_cancel;
    return request();
  }
  end();
  const bool stateless = isStateless(exchange_.revision);
  std::string members = taskMembers(told, exchange_.revision);
  switch (asked_.form) {
    case AnswerForm::acknowledgement: return exchange_.succeed({});
    case AnswerForm::cancelled_task: return exchange_.succeed(std::move(members));
    case AnswerForm::task: break;
    default:
      if (stateless) return exchange_.succeedAs("task", std::move(members));
      return exchange_.succeed("\"task\":{" + members + "}");
  }
  exchange_.succeed(stateless ? detailedTaskMembers(contents, told, exchange_.revision)
                              : std::move(members));
}

void OperationCall::completion(const std::vector<std::string>& values, std::int64_t total,
                               bool has_more) {
  end();
  constexpr std::size_t most = 100;
  Json told = Json::array();
  for (std::size_t i = 0; i < std::min(values.size(), most); ++i) told.push(values[i]);
  Json completion =
      Json::object({{"values", std::move(told)}, {"hasMore", has_more || values.size() > most}});
  if (total >= 0) completion["total"] = total;
  exchange_.succeed("\"completion\":" + completion.dump());
}

void OperationCall::refused(std::string_view reason, std::string_view message,
                            std::string_view data) {
  end();
  Json details = data.empty() ? Json() : Json::tryParse(data).value_or(Json());
  exchange_.fail(errorFor(reason, std::string(message), std::move(details)));
}

RpcError OperationCall::errorFor(std::string_view reason, const std::string& message,
                                 Json data) const {
  const bool stateless = isStateless(exchange_.revision);
  if (reason == "unknown") {
    switch (asked_.kind) {
      case RequestKind::operation: return invalidParams("Unknown tool: " + echo(asked_.name));
      case RequestKind::prompt: return invalidParams("Unknown prompt: " + echo(asked_.name));
      case RequestKind::resource:
        return RpcError(200, stateless ? code::invalid_params : code::resource_not_found,
                        "Resource not found", Json::object({{"uri", asked_.name}}));
      case RequestKind::completion: return invalidParams("Unknown reference: " + echo(asked_.name));
      default: return invalidParams("Unknown task");
    }
  }
  if (reason == "invalid_arguments" || reason == "invalid_state")
    return invalidParams(message, std::move(data));
  if (reason == "missing_capability") {
    if (stateless) return RpcError(400, code::missing_capability, message, std::move(data));
    return invalidParams(message, std::move(data));
  }
  if (reason == "task_required") {
    if (!stateless) return RpcError(200, code::method_not_found, message);
    const Json extensions = Json::object({{std::string(tasks_extension), Json::object()}});
    return RpcError(
        400, code::missing_capability, message,
        Json::object({{"requiredCapabilities", Json::object({{"extensions", extensions}})}}));
  }
  if (reason == "insufficient_scope")
    return RpcError(403, code::invalid_request, message, std::move(data));
  if (reason == "unsupported") return RpcError(200, code::method_not_found, message);
  return RpcError(200, code::internal_error, message, std::move(data));
}

}  // namespace scanhost::mcp
