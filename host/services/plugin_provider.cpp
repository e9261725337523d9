// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "host/services/plugin_provider.h"

#include <scanhost/text.h>

#include <algorithm>
#include <chrono>
#include <utility>

#include "host/base/time.h"
#include "host/services/caller_abi.h"

namespace scanhost {
namespace {

using namespace std::chrono_literals;

constexpr auto list_timeout = 10s;

/// What a list may hold, whatever a plugin tells.
constexpr std::size_t max_page = 10'000;

/// Gathers a page that a plugin tells.
struct Gathering {
  ListedPage& page;
  std::size_t told = 0;

  static scanhost_listing_sink sink(Gathering& into) {
    return {sizeof(scanhost_listing_sink), 0, &into, &operation, &resource, &prompt, &next};
  }

 private:
  template <class Add>
  static scanhost_status add(void* context, Add&& add_to) {
    auto& self = *static_cast<Gathering*>(context);
    if (++self.told > max_page) return SCANHOST_ERROR_UNSUPPORTED;
    add_to(self.page);
    return SCANHOST_OK;
  }
  static scanhost_status operation(void* context, const scanhost_operation* abi) {
    return add(context, [&](ListedPage& page) {
      page.operations.push_back({toString(abi->name), toString(abi->title),
                                 toString(abi->description), toString(abi->input_schema),
                                 toString(abi->output_schema), abi->flags});
    });
  }
  static scanhost_status resource(void* context, const scanhost_resource* abi) {
    return add(context, [&](ListedPage& page) {
      page.resources.push_back({toString(abi->uri), toString(abi->name), toString(abi->title),
                                toString(abi->description), toString(abi->media_type), abi->size,
                                abi->flags});
    });
  }
  static scanhost_status prompt(void* context, const scanhost_prompt* abi) {
    return add(context, [&](ListedPage& page) {
      page.prompts.push_back({toString(abi->name), toString(abi->title), toString(abi->description),
                              toString(abi->arguments)});
    });
  }
  static void next(void* context, scanhost_text cursor) {
    static_cast<Gathering*>(context)->page.next = toString(cursor);
  }
};

scanhost_request toAbi(const OperationRequest& request) {
  return {sizeof(scanhost_request),
          (request.task_allowed ? SCANHOST_REQUEST_TASK_ALLOWED : 0u) |
              (request.task_wanted ? SCANHOST_REQUEST_TASK_WANTED : 0u),
          static_cast<std::int32_t>(request.kind),
          request.log_level,
          toText(request.name),
          toText(request.arguments),
          request.caller,
          toText(request.client),
          request.task_ttl_ms,
          toText(request.answers),
          detail::toBytes(request.state)};
}

}  // namespace

/// A request that the plugin works on. The call context lives until the reply has ended and the
/// plugin's function has returned.
class PluginProvider::Pending final : public ReplySink {
 public:
  Pending(PluginProvider& owner, const ProviderCall& call, std::shared_ptr<HostCall> context,
          std::unique_ptr<ReplySink> sink)
      : owner_(owner),
        tool_(call.request.kind == RequestKind::operation ? call.request.name : std::string_view()),
        log_level_(call.request.log_level),
        trace_(call.trace),
        context_(std::move(context)),
        sink_(std::move(sink)) {}

  void progress(double done, double total, std::string_view message) override {
    sink_->progress(done, total, message);
  }
  void log(std::int32_t level, std::string_view logger, std::string_view data) override {
    if (log_level_ >= 0 && level >= log_level_) sink_->log(level, logger, data);
  }
  bool content(const ContentHead& head, std::string_view piece, bool more) override {
    return sink_->content(head, piece, more);
  }
  void result(std::string_view structured, bool is_error) override {
    count(!is_error);
    sink_->result(structured, is_error);
  }
  void ask(std::string_view requests, std::string_view state) override {
    sink_->ask(requests, state);
  }
  void task(const TaskInfo& task) override {
    count(true);
    sink_->task(task);
  }
  void completion(const std::vector<std::string>& values, std::int64_t total,
                  bool has_more) override {
    sink_->completion(values, total, has_more);
  }
  void refused(std::string_view reason, std::string_view message, std::string_view data) override {
    count(false);
    sink_->refused(reason, message, data);
  }

 private:
  void count(bool success) {
    if (tool_.empty()) return;
    const std::chrono::duration<double, std::milli> took =
        std::chrono::steady_clock::now() - began_;
    owner_.metrics_.recordToolCall(tool_, success);
    owner_.events_.emit(Level::info, "operations", "tool_completed", trace_.uuid(),
                        Json::object({{"tool", tool_},
                                      {"status", success ? "success" : "error"},
                                      {"code", nullptr},
                                      {"duration_ms", took.count()}}));
  }

  PluginProvider& owner_;
  const std::string tool_;
  const std::int32_t log_level_;
  const TraceContext trace_;
  const std::shared_ptr<HostCall> context_;
  const std::unique_ptr<ReplySink> sink_;
  const std::chrono::steady_clock::time_point began_ = std::chrono::steady_clock::now();
};

PluginProvider::PluginProvider(std::unique_ptr<PluginInstance> instance, EventLog& events,
                               Metrics& metrics)
    : instance_(std::move(instance)),
      table_(instance_->table<scanhost_operations>()),
      events_(events),
      metrics_(metrics) {}

Status PluginProvider::list(ListKind what, const Caller& caller, std::string_view cursor,
                            ListedPage& page) {
  HostCall call({.timeout = list_timeout, .events = instance_->events()});
  http::Caller named{caller.subject, {}, {}};
  for (const Role role : caller.roles) named.roles.emplace(roleName(role));
  const LentCaller lent(named);
  ListedPage told;
  Gathering gathering{told};
  const scanhost_listing_sink sink = Gathering::sink(gathering);
  if (const Status listed =
          call.outcome(table_.list(instance_->self(), call.abi(), static_cast<std::int32_t>(what),
                                   lent.abi(), toText(cursor), &sink),
                       "list");
      !listed)
    return listed;
  for (OperationInfo& operation : told.operations) {
    {
      const std::lock_guard lock(mutex_);
      flags_[operation.name] = operation.flags;
    }
    if (!operation.has(SCANHOST_OPERATION_OPERATORS_ONLY) || caller.has(Role::operator_))
      page.operations.push_back(std::move(operation));
  }
  for (ResourceInfo& resource : told.resources) page.resources.push_back(std::move(resource));
  for (PromptInfo& prompt : told.prompts) page.prompts.push_back(std::move(prompt));
  page.next = std::move(told.next);
  return {};
}

std::optional<std::uint32_t> PluginProvider::flagsOf(std::string_view operation) const {
  const std::lock_guard lock(mutex_);
  const auto found = flags_.find(operation);
  if (found == flags_.end()) return std::nullopt;
  return found->second;
}

void PluginProvider::request(const ProviderCall& call, std::unique_ptr<ReplySink> sink) {
  if (call.request.kind == RequestKind::operation) {
    const std::uint32_t flags = flagsOf(call.request.name).value_or(0);
    if ((flags & SCANHOST_OPERATION_OPERATORS_ONLY) != 0 && !call.caller.has(Role::operator_))
      return sink->refused("unknown", "there is no such operation", {});
    if ((flags & SCANHOST_OPERATION_READ_ONLY) == 0 && !call.caller.maySubmit())
      return sink->refused("insufficient_scope", "this operation changes something",
                           Json::object({{"scope", scopeOf(Role::client)}}).dump());
    if ((flags & SCANHOST_OPERATION_TASK_REQUIRED) != 0 && !call.request.task_allowed)
      return sink->refused("task_required", "this operation can only be run as a task", {});
    if (events_.enabled(Level::info))
      events_.emit(Level::info, "operations", "tool_invocation", call.trace.uuid(),
                   Json::object({{"tool", call.request.name}, {"caller", call.caller.subject}}));
  }
  CallOptions options;
  if (call.deadline_ns != INT64_MAX)
    options.timeout =
        std::chrono::nanoseconds(std::max<std::int64_t>(0, call.deadline_ns - monotonicNanos()));
  options.cancel = call.cancelled;
  options.trace_id = call.trace.bytes();
  options.events = instance_->events();
  const auto context = std::make_shared<HostCall>(std::move(options));
  const scanhost_request abi = toAbi(call.request);
  const scanhost_reply reply =
      detail::LentReply::of(std::make_unique<Pending>(*this, call, context, std::move(sink)));
  table_.request(instance_->self(), context->abi(), &abi, &reply);
}

}  // namespace scanhost
