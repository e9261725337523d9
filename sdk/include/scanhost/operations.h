// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// Operations, resources and prompts in C++: the words that providers and transports share, and the
/// base class of plugins that offer some. abi/operations.h states what each must do.
///
///     class Weather : public scanhost::OperationProvider {
///       void list(ListPage& page, ListKind what, ...) override { page.add(OperationInfo{...}); }
///       void request(const OperationRequest& request, Reply reply, const Call&) override {
///         reply.text("sunny");
///         reply.result();
///       }
///     };
///     SCANHOST_PLUGIN(manifest_json, Weather)
#ifndef SCANHOST_OPERATIONS_H
#define SCANHOST_OPERATIONS_H

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "abi/operations.h"
#include "json.h"
#include "plugin.h"
#include "text.h"

namespace scanhost {
inline namespace v1 {

/// One operation; the schemas are JSON texts.
struct OperationInfo {
  std::string name, title, description, input_schema, output_schema;
  uint32_t flags = 0;  ///< SCANHOST_OPERATION_*

  bool has(uint32_t flag) const noexcept { return (flags & flag) != 0; }
};

/// One resource, or a template of many.
struct ResourceInfo {
  std::string uri, name, title, description, media_type;
  int64_t size = -1;   ///< bytes; -1 unknown
  uint32_t flags = 0;  ///< SCANHOST_RESOURCE_*
};

struct PromptInfo {
  std::string name, title, description;
  std::string arguments;  ///< JSON array, see scanhost_prompt
};

/// What of a list is asked for.
enum class ListKind : int32_t {
  operations = SCANHOST_LIST_OPERATIONS,
  resources = SCANHOST_LIST_RESOURCES,
  templates = SCANHOST_LIST_TEMPLATES,
  prompts = SCANHOST_LIST_PROMPTS,
};

enum class RequestKind : int32_t {
  operation = SCANHOST_REQUEST_OPERATION,
  resource = SCANHOST_REQUEST_RESOURCE,
  prompt = SCANHOST_REQUEST_PROMPT,
  completion = SCANHOST_REQUEST_COMPLETION,
  task = SCANHOST_REQUEST_TASK,
  task_answer = SCANHOST_REQUEST_TASK_ANSWER,
  task_cancel = SCANHOST_REQUEST_TASK_CANCEL,
};

/// What is asked; see scanhost_request. Its texts are borrowed for the call it came with.
struct OperationRequest {
  RequestKind kind = RequestKind::operation;
  std::string_view name;
  std::string_view arguments;  ///< JSON; empty counts as {}
  const scanhost_caller* caller = nullptr;
  std::string_view client;    ///< what the client can be asked, JSON; empty: nothing
  std::string_view answers;   ///< JSON object; empty: none yet
  std::string_view state;     ///< what came with the questions
  int32_t log_level = -1;     ///< -1: no log
  bool task_allowed = false;  ///< the client can be given a task
  bool task_wanted = false;   ///< it asked for one
  int64_t task_ttl_ms = -1;   ///< -1: no wish
};

/// One page of a list; the vector that fits the question is filled.
struct ListedPage {
  std::vector<OperationInfo> operations;
  std::vector<ResourceInfo> resources;
  std::vector<PromptInfo> prompts;
  std::optional<std::string> next;  ///< there is more behind this cursor
};

enum class ContentKind : int32_t {
  text = SCANHOST_CONTENT_TEXT,
  image = SCANHOST_CONTENT_IMAGE,
  audio = SCANHOST_CONTENT_AUDIO,
  resource = SCANHOST_CONTENT_RESOURCE,
  link = SCANHOST_CONTENT_LINK,
};

/// A content without its bytes; its texts are borrowed.
struct ContentHead {
  ContentKind kind = ContentKind::text;
  int32_t role = SCANHOST_ROLE_NONE;
  bool binary = false;  ///< a resource's piece is bytes, not text
  std::string_view media_type = {}, uri = {}, name = {}, title = {}, description = {};
  std::string_view annotations = {};  ///< a JSON object, or empty
  int64_t size = -1;                  ///< of what a link leads to
};

enum class TaskPhase : int32_t {
  working = SCANHOST_REPLY_TASK_WORKING,
  input_required = SCANHOST_REPLY_TASK_INPUT_REQUIRED,
  completed = SCANHOST_REPLY_TASK_COMPLETED,
  failed = SCANHOST_REPLY_TASK_FAILED,
  cancelled = SCANHOST_REPLY_TASK_CANCELLED,
};

/// See scanhost_reply_task.
struct TaskInfo {
  std::string handle;
  TaskPhase phase = TaskPhase::working;
  std::string message = {};
  int64_t created_us = 0, updated_us = 0;
  int64_t ttl_ms = -1, poll_ms = 0;
  std::string requests = {};    ///< input_required: JSON object
  std::string structured = {};  ///< completed: JSON, or empty
  bool is_error = false;        ///< completed
  std::string error = {};       ///< failed
};

/// Where a reply goes: any number of the first three, then exactly one of the others, after which
/// it is gone. Calls come from any thread, never two at once. See scanhost_reply.
class ReplySink {
 public:
  ReplySink() = default;
  ReplySink(const ReplySink&) = delete;
  ReplySink& operator=(const ReplySink&) = delete;
  virtual ~ReplySink() = default;

  virtual void progress(double done, double total, std::string_view message) = 0;
  virtual void log(int32_t level, std::string_view logger, std::string_view data) = 0;
  /// False: nobody wants the rest.
  virtual bool content(const ContentHead& head, std::string_view piece, bool more) = 0;

  virtual void result(std::string_view structured, bool is_error) = 0;
  virtual void ask(std::string_view requests, std::string_view state) = 0;
  virtual void task(const TaskInfo& task) = 0;
  virtual void completion(const std::vector<std::string>& values, int64_t total, bool has_more) = 0;
  virtual void refused(std::string_view reason, std::string_view message,
                       std::string_view data) = 0;
};

namespace detail {

inline scanhost_bytes toBytes(std::string_view text) noexcept {
  return {reinterpret_cast<const uint8_t*>(text.data()), text.size()};
}
inline std::string_view toView(scanhost_bytes bytes) noexcept {
  return {reinterpret_cast<const char*>(bytes.data), static_cast<std::size_t>(bytes.size)};
}

/// Gathers a page that is being told, of a bounded number of items.
class PageGatherer {
 public:
  explicit PageGatherer(ListedPage& page) noexcept : page_(page) {}
  PageGatherer(const PageGatherer&) = delete;
  PageGatherer& operator=(const PageGatherer&) = delete;

  const scanhost_listing_sink* sink() const noexcept { return &sink_; }

 private:
  static constexpr std::size_t max_items = 10'000;

  template <class Add>
  static scanhost_status add(void* context, Add&& add_to) noexcept {
    auto& self = *static_cast<PageGatherer*>(context);
    if (++self.told_ > max_items) return SCANHOST_ERROR_UNSUPPORTED;
    try {
      add_to(self.page_);
      return SCANHOST_OK;
    } catch (...) {
      return SCANHOST_ERROR_INTERNAL;
    }
  }
  static scanhost_status operation(void* context, const scanhost_operation* abi) noexcept {
    return add(context, [&](ListedPage& page) {
      page.operations.push_back({toString(abi->name), toString(abi->title),
                                 toString(abi->description), toString(abi->input_schema),
                                 toString(abi->output_schema), abi->flags});
    });
  }
  static scanhost_status resource(void* context, const scanhost_resource* abi) noexcept {
    return add(context, [&](ListedPage& page) {
      page.resources.push_back({toString(abi->uri), toString(abi->name), toString(abi->title),
                                toString(abi->description), toString(abi->media_type), abi->size,
                                abi->flags});
    });
  }
  static scanhost_status prompt(void* context, const scanhost_prompt* abi) noexcept {
    return add(context, [&](ListedPage& page) {
      page.prompts.push_back({toString(abi->name), toString(abi->title), toString(abi->description),
                              toString(abi->arguments)});
    });
  }
  static void next(void* context, scanhost_text cursor) noexcept {
    add(context, [&](ListedPage& page) { page.next = toString(cursor); });
  }

  ListedPage& page_;
  std::size_t told_ = 0;
  const scanhost_listing_sink sink_{
      sizeof(scanhost_listing_sink), 0, this, &operation, &resource, &prompt, &next};
};

inline scanhost_request toAbi(const OperationRequest& request) noexcept {
  return {sizeof(scanhost_request),
          (request.task_allowed ? SCANHOST_REQUEST_TASK_ALLOWED : 0u) |
              (request.task_wanted ? SCANHOST_REQUEST_TASK_WANTED : 0u),
          static_cast<int32_t>(request.kind),
          request.log_level,
          toText(request.name),
          toText(request.arguments),
          request.caller,
          toText(request.client),
          request.task_ttl_ms,
          toText(request.answers),
          toBytes(request.state)};
}

/// A reply of the other side as a sink.
class AbiReply final : public ReplySink {
 public:
  explicit AbiReply(const scanhost_reply& reply) noexcept : reply_(reply) {}

  void progress(double done, double total, std::string_view message) override {
    reply_.progress(reply_.context, done, total, toText(message));
  }
  void log(int32_t level, std::string_view logger, std::string_view data) override {
    reply_.log(reply_.context, level, toText(logger), toText(data));
  }
  bool content(const ContentHead& head, std::string_view piece, bool more) override {
    const scanhost_content content{sizeof(scanhost_content),
                                   head.binary ? SCANHOST_CONTENT_BINARY : 0u,
                                   static_cast<int32_t>(head.kind),
                                   head.role,
                                   toText(head.media_type),
                                   toText(head.uri),
                                   toText(head.name),
                                   toText(head.title),
                                   toText(head.description),
                                   toText(head.annotations),
                                   head.size};
    return reply_.content(reply_.context, &content, toBytes(piece), more ? 1 : 0) == SCANHOST_OK;
  }
  void result(std::string_view structured, bool is_error) override {
    reply_.result(reply_.context, toText(structured), is_error ? 1 : 0);
  }
  void ask(std::string_view requests, std::string_view state) override {
    reply_.ask(reply_.context, toText(requests), toBytes(state));
  }
  void task(const TaskInfo& task) override {
    const scanhost_reply_task abi{sizeof(scanhost_reply_task),
                                  static_cast<int32_t>(task.phase),
                                  toText(task.handle),
                                  toText(task.message),
                                  task.created_us,
                                  task.updated_us,
                                  task.ttl_ms,
                                  task.poll_ms,
                                  toText(task.requests),
                                  toText(task.structured),
                                  toText(task.error),
                                  task.is_error ? 1 : 0,
                                  0};
    reply_.task(reply_.context, &abi);
  }
  void completion(const std::vector<std::string>& values, int64_t total, bool has_more) override {
    reply_.completion(reply_.context, LentTexts(values), total, has_more ? 1 : 0);
  }
  void refused(std::string_view reason, std::string_view message, std::string_view data) override {
    reply_.refused(reply_.context, toText(reason), toText(message), toText(data));
  }

 private:
  const scanhost_reply reply_;
};

/// A sink as a reply for the other side, which owns it until the reply has ended.
struct LentReply {
  static scanhost_reply of(std::unique_ptr<ReplySink> sink) noexcept {
    return {sizeof(scanhost_reply),
            0,
            sink.release(),
            &progress,
            &log,
            &content,
            &result,
            &ask,
            &task,
            &completion,
            &refused};
  }

 private:
  static ReplySink& sink(void* context) noexcept { return *static_cast<ReplySink*>(context); }
  /// What a sink throws is its own owner's trouble; nobody on the other side could act on it.
  template <class Call>
  static void quietly(Call&& call) noexcept {
    try {
      call();
    } catch (...) {
      return;
    }
  }
  template <class Call>
  static void end(void* context, Call&& call) noexcept {
    const std::unique_ptr<ReplySink> owned(static_cast<ReplySink*>(context));
    quietly([&] { call(*owned); });
  }

  static void progress(void* context, double done, double total, scanhost_text message) noexcept {
    quietly([&] { sink(context).progress(done, total, v1::toView(message)); });
  }
  static void log(void* context, int32_t level, scanhost_text logger, scanhost_text data) noexcept {
    quietly([&] { sink(context).log(level, v1::toView(logger), v1::toView(data)); });
  }
  static scanhost_status content(void* context, const scanhost_content* content,
                                 scanhost_bytes piece, int32_t more) noexcept {
    bool wanted = false;
    quietly([&] {
      ContentHead head;
      head.kind = static_cast<ContentKind>(content->kind);
      head.role = content->role;
      head.binary = (content->flags & SCANHOST_CONTENT_BINARY) != 0;
      head.media_type = v1::toView(content->media_type);
      head.uri = v1::toView(content->uri);
      head.name = v1::toView(content->name);
      head.title = v1::toView(content->title);
      head.description = v1::toView(content->description);
      head.annotations = v1::toView(content->annotations);
      head.size = content->size;
      wanted = sink(context).content(head, detail::toView(piece), more != 0);
    });
    return wanted ? SCANHOST_OK : SCANHOST_ERROR_CANCELLED;
  }
  static void result(void* context, scanhost_text structured, int32_t is_error) noexcept {
    end(context, [&](ReplySink& to) { to.result(v1::toView(structured), is_error != 0); });
  }
  static void ask(void* context, scanhost_text requests, scanhost_bytes state) noexcept {
    end(context, [&](ReplySink& to) { to.ask(v1::toView(requests), detail::toView(state)); });
  }
  static void task(void* context, const scanhost_reply_task* task) noexcept {
    end(context, [&](ReplySink& to) {
      TaskInfo info;
      info.handle = toString(task->handle);
      info.phase = static_cast<TaskPhase>(task->state);
      info.message = toString(task->message);
      info.created_us = task->created_us;
      info.updated_us = task->updated_us;
      info.ttl_ms = task->ttl_ms;
      info.poll_ms = task->poll_ms;
      info.requests = toString(task->requests);
      info.structured = toString(task->structured);
      info.is_error = task->is_error != 0;
      info.error = toString(task->error);
      to.task(info);
    });
  }
  static void completion(void* context, scanhost_texts values, int64_t total,
                         int32_t has_more) noexcept {
    end(context, [&](ReplySink& to) { to.completion(toStrings(values), total, has_more != 0); });
  }
  static void refused(void* context, scanhost_text reason, scanhost_text message,
                      scanhost_text data) noexcept {
    end(context, [&](ReplySink& to) {
      to.refused(v1::toView(reason), v1::toView(message), v1::toView(data));
    });
  }
};

}  // namespace detail

/// A provider's hold on its reply. Ends it exactly once: by one of the last functions, or, when it
/// is dropped without, as refused. Movable to the thread that finishes the work.
class Reply {
 public:
  explicit Reply(std::unique_ptr<ReplySink> sink) noexcept : sink_(std::move(sink)) {}
  Reply(Reply&&) noexcept = default;
  Reply& operator=(Reply&&) noexcept = default;
  ~Reply() {
    if (sink_) sink_->refused("internal", "the operation ended without an answer", {});
  }

  /// The next functions must not be called once the reply has ended.
  void progress(double done, double total = 0, std::string_view message = {}) {
    sink_->progress(done, total, message);
  }
  void log(LogLevel level, const Json& data, std::string_view logger = {}) {
    sink_->log(static_cast<int32_t>(level), logger, data.dump());
  }
  /// False: nobody wants the rest, end the reply.
  bool content(const ContentHead& head, std::string_view piece, bool more = false) {
    return sink_->content(head, piece, more);
  }
  bool text(std::string_view text) { return content({}, text); }

  /// The operation's answer; `structured` may be left out.
  void result(const Json& structured = {}) {
    take()->result(structured.isNull() ? std::string() : structured.dump(), false);
  }
  /// Why the operation failed, in what was given as content, or in `structured`.
  void error(const Json& structured = {}) {
    take()->result(structured.isNull() ? std::string() : structured.dump(), true);
  }
  /// `requests`: key -> {"method", "params"}. The request comes again with answers and `state`.
  void ask(const Json& requests, std::string_view state = {}) {
    take()->ask(requests.dump(), state);
  }
  void task(const TaskInfo& task) { take()->task(task); }
  void completion(const std::vector<std::string>& values, int64_t total = -1,
                  bool has_more = false) {
    take()->completion(values, total, has_more);
  }
  /// `reason` is one of those that scanhost_reply lists.
  void refuse(std::string_view reason, std::string_view message, const Json& data = {}) {
    take()->refused(reason, message, data.isNull() ? std::string() : data.dump());
  }

  explicit operator bool() const noexcept { return sink_ != nullptr; }

 private:
  std::unique_ptr<ReplySink> take() noexcept { return std::move(sink_); }

  std::unique_ptr<ReplySink> sink_;
};

/// One page of a list being told. `add` answers false when no more is wanted.
class ListPage {
 public:
  explicit ListPage(const scanhost_listing_sink* sink) noexcept : sink_(sink) {}

  bool add(const OperationInfo& info) {
    const scanhost_operation abi{sizeof(scanhost_operation), info.flags,
                                 toText(info.name),          toText(info.title),
                                 toText(info.description),   toText(info.input_schema),
                                 toText(info.output_schema)};
    return sink_->operation(sink_->context, &abi) == SCANHOST_OK;
  }
  bool add(const ResourceInfo& info) {
    const scanhost_resource abi{sizeof(scanhost_resource), info.flags,
                                toText(info.uri),          toText(info.name),
                                toText(info.title),        toText(info.description),
                                toText(info.media_type),   info.size};
    return sink_->resource(sink_->context, &abi) == SCANHOST_OK;
  }
  bool add(const PromptInfo& info) {
    const scanhost_prompt abi{sizeof(scanhost_prompt),  0,
                              toText(info.name),        toText(info.title),
                              toText(info.description), toText(info.arguments)};
    return sink_->prompt(sink_->context, &abi) == SCANHOST_OK;
  }
  /// There is more behind this cursor.
  void next(std::string_view cursor) { sink_->next(sink_->context, toText(cursor)); }

 private:
  const scanhost_listing_sink* sink_;
};

/// Offers operations, resources and prompts of its own. A node names it under `operations:`.
class OperationProvider : public Instance {
 public:
  /// One page, in a stable order; throws PluginError (unsupported) for a cursor it never gave.
  virtual void list(ListPage& page, ListKind what, const scanhost_caller& caller,
                    std::string_view cursor, Call& call) = 0;
  /// Returns soon, and may end the reply later from a thread of its own. `request` is borrowed for
  /// the call; a copy of `call` is good until the reply has ended. What it throws ends the reply as
  /// refused.
  virtual void request(const OperationRequest& request, Reply reply, const Call& call) = 0;

  static constexpr std::string_view interfaceId() noexcept { return SCANHOST_OPERATIONS_ID; }
  template <class Plugin>
  static const scanhost_interface* interfaceTable() noexcept {
    static const scanhost_operations table = [] {
      scanhost_operations made{};
      made.base = detail::interfaceHead<OperationProvider, Plugin>(sizeof(scanhost_operations),
                                                                   SCANHOST_OPERATIONS_REVISION);
      made.list = [](void* self, const scanhost_call* call, int32_t what,
                     const scanhost_caller* caller, scanhost_text cursor,
                     const scanhost_listing_sink* sink) noexcept {
        return detail::guarded(call, [&](Call& context) {
          ListPage page(sink);
          static_cast<OperationProvider*>(self)->list(page, static_cast<ListKind>(what), *caller,
                                                      toView(cursor), context);
        });
      };
      made.request = [](void* self, const scanhost_call* call, const scanhost_request* request,
                        const scanhost_reply* reply) noexcept {
        detail::guarded(call, [&](Call& context) {
          Reply answer(std::make_unique<detail::AbiReply>(*reply));
          static_cast<OperationProvider*>(self)->request(fromAbi(*request), std::move(answer),
                                                         context);
        });
      };
      return made;
    }();
    return &table.base;
  }

  static OperationRequest fromAbi(const scanhost_request& abi) noexcept {
    OperationRequest request;
    request.kind = static_cast<RequestKind>(abi.kind);
    request.name = toView(abi.name);
    request.arguments = toView(abi.arguments);
    request.caller = abi.caller;
    request.client = toView(abi.client);
    request.answers = toView(abi.answers);
    request.state = detail::toView(abi.state);
    request.log_level = abi.log_level;
    request.task_allowed = (abi.flags & SCANHOST_REQUEST_TASK_ALLOWED) != 0;
    request.task_wanted = (abi.flags & SCANHOST_REQUEST_TASK_WANTED) != 0;
    request.task_ttl_ms = abi.task_ttl_ms;
    return request;
  }
};

}  // namespace v1
}  // namespace scanhost

#endif
