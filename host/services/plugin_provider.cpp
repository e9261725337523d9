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
  detail::PageGatherer gathered(told);
  if (const Status listed =
          call.outcome(table_.list(instance_->self(), call.abi(), static_cast<std::int32_t>(what),
                                   lent.abi(), toText(cursor), gathered.sink()),
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
  options.trace = call.trace.abi();
  options.events = instance_->events();
  const auto context = std::make_shared<HostCall>(std::move(options));
  const scanhost_request abi = detail::toAbi(call.request);
  const scanhost_reply reply =
      detail::LentReply::of(std::make_unique<Pending>(*this, call, context, std::move(sink)));
  table_.request(instance_->self(), context->abi(), &abi, &reply);
}

}  // namespace scanhost
