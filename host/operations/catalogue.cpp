// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "host/operations/catalogue.h"

#include <scanhost/caller.h>

#include <algorithm>
#include <charconv>
#include <utility>

#include "host/base/digest.h"
#include "host/base/random.h"
#include "host/base/time.h"

namespace scanhost {
namespace {

/// How long a client may take to answer what it was asked.
constexpr std::int64_t state_lifetime_us = 3'600'000'000;

constexpr std::string_view purpose_state = "request-state";
constexpr std::string_view purpose_cursor = "list-cursor";
constexpr std::string_view purpose_task = "task-handle";

/// Two texts as one, and back.
std::string joined(std::string_view first, std::string_view second) {
  return std::string(first) + '\n' + std::string(second);
}
std::optional<std::pair<std::string, std::string>> parted(const std::string& text) {
  const std::size_t at = text.find('\n');
  if (at == std::string::npos) return std::nullopt;
  return std::pair(text.substr(0, at), text.substr(at + 1));
}

template <class Number>
std::optional<Number> toNumber(std::string_view text) {
  Number number{};
  const auto read = std::from_chars(text.data(), text.data() + text.size(), number);
  if (read.ec != std::errc() || read.ptr != text.data() + text.size()) return std::nullopt;
  return number;
}

/// What a state is bound to: who was asked, in which request.
std::string stateContext(std::string_view subject, const OperationRequest& request) {
  return std::string(subject) + '\n' + std::to_string(static_cast<int>(request.kind)) + '\n' +
         std::string(request.name) + '\n' + toHex(sha256(request.arguments));
}

std::string cursorContext(const Caller& caller, ListKind what) {
  return caller.subject + '\n' + std::to_string(static_cast<int>(what));
}

/// The capability that a client needs to be asked this, as an object; null when it is no question.
Json capabilityFor(const Json& question) {
  const std::string& method = question["method"].asString();
  if (method == "sampling/createMessage") return Json::object({{"sampling", Json::object()}});
  if (method == "roots/list") return Json::object({{"roots", Json::object()}});
  if (method != "elicitation/create") return {};
  const std::string& mode = question["params"]["mode"].asString();
  return Json::object(
      {{"elicitation", mode == "url" ? Json::object({{"url", Json::object()}}) : Json::object()}});
}

/// An empty elicitation object stands for forms (MCP 2025-11-25, Elicitation, Capabilities).
bool canBeAsked(const Json& client, const Json& capability) {
  const auto& [name, detail] = *capability.members().begin();
  const Json* declared = client.find(name);
  if (!declared || !declared->isObject()) return false;
  if (detail.has("url")) return declared->has("url");
  return name != "elicitation" || declared->has("form") || !declared->has("url");
}

/// What one provider may offer, whatever it tells.
constexpr std::size_t max_operations = 10'000;

constexpr std::size_t max_told_name = 64;

/// All operations of a provider, over its pages.
Result<std::vector<OperationInfo>> operationsOf(Provider& provider) {
  Caller everything;
  everything.roles = {Role::operator_};
  std::vector<OperationInfo> all;
  for (std::optional<std::string> cursor = ""; cursor && all.size() < max_operations;) {
    ListedPage page;
    if (const Status listed = provider.list(ListKind::operations, everything, *cursor, page);
        !listed)
      return tl::unexpected<Error>(listed.error());
    cursor = page.operations.empty() ? std::nullopt : std::move(page.next);
    std::move(page.operations.begin(), page.operations.end(), std::back_inserter(all));
  }
  return all;
}

}  // namespace

/// What every request's reply passes: seals what goes out, and forgets the request at its end.
class Catalogue::Checked final : public ReplySink {
 public:
  Checked(Catalogue& owner, std::uint64_t handle, const ProviderCall& call, Span span,
          std::unique_ptr<ReplySink> sink)
      : owner_(owner),
        handle_(handle),
        subject_(call.caller.subject),
        client_(call.request.client),
        name_(call.request.kind >= RequestKind::task ? call.request.name : std::string_view()),
        operation_(call.request.name.substr(0, max_told_name)),
        kind_(call.request.kind),
        trace_(call.trace),
        context_(call.cancelled ? stateContext(subject_, call.request) : std::string()),
        span_(std::move(span)),
        sink_(std::move(sink)) {}

  void answersFor(const Provider& provider) { provider_ = provider.name(); }

  void progress(double done, double total, std::string_view message) override {
    sink_->progress(done, total, message);
  }
  void log(std::int32_t level, std::string_view logger, std::string_view data) override {
    sink_->log(level, logger, data);
  }
  bool content(const ContentHead& head, std::string_view piece, bool more) override {
    return sink_->content(head, piece, more);
  }
  void result(std::string_view structured, bool is_error) override {
    if (is_error && span_.recorded()) failSpan(Json::tryParse(structured).value_or(Json()));
    end()->result(structured, is_error);
  }
  void ask(std::string_view requests, std::string_view state) override {
    const auto sink = end();
    const auto questions = Json::tryParse(requests);
    if (!questions || !questions->isObject() || context_.empty())
      return sink->refused("internal", "the operation's questions are malformed", {});
    const Json client = Json::tryParse(client_).value_or(Json());
    for (const auto& [key, question] : questions->members()) {
      const Json capability = capabilityFor(question);
      if (capability.isNull())
        return sink->refused("internal", "the operation asks what no client can answer", {});
      if (!canBeAsked(client, capability))
        return sink->refused("missing_capability", "the client cannot be asked what this needs",
                             Json::object({{"requiredCapabilities", capability}}).dump());
    }
    if (state.empty()) return sink->ask(requests, {});
    const std::int64_t expires = Timestamp::now().micros + state_lifetime_us;
    sink->ask(requests,
              owner_.keys_->seal(purpose_state, context_, joined(std::to_string(expires), state)));
  }
  void task(const TaskInfo& task) override {
    TaskInfo told = task;
    // A handle that came with the request is told as it came, for each sealing differs.
    told.handle = !name_.empty()
                      ? name_
                      : owner_.keys_->seal(purpose_task, subject_, joined(provider_, task.handle));
    end()->task(told);
  }
  void completion(const std::vector<std::string>& values, std::int64_t total,
                  bool has_more) override {
    end()->completion(values, total, has_more);
  }
  void refused(std::string_view reason, std::string_view message, std::string_view data) override {
    if (reason == "unknown" && kind_ == RequestKind::operation)
      owner_.tell_unknown_(operation_, subject_, trace_);
    span_.set("error.type", reason);
    span_.fail(message);
    end()->refused(reason, message, data);
  }

 private:
  void failSpan(const Json& error) {
    span_.set("error.type", error["code"].asString("tool_error"));
    span_.fail(error["message"].asString());
  }
  std::unique_ptr<ReplySink> end() {
    owner_.forget(handle_);
    span_.end();
    return std::move(sink_);
  }

  Catalogue& owner_;
  const std::uint64_t handle_;
  const std::string subject_, client_, name_, operation_;
  const RequestKind kind_;
  const TraceContext trace_;
  const std::string context_;
  std::string provider_;
  Span span_;
  std::unique_ptr<ReplySink> sink_;
};

/// A request with texts of its own, for providers that are asked later.
struct Catalogue::Asked {
  Asked(const ProviderCall& call, Providers providers)
      : name(call.request.name),
        arguments(call.request.arguments),
        client(call.request.client),
        answers(call.request.answers),
        state(call.request.state),
        caller(call.caller),
        abi_caller(*call.request.caller),
        request(call.request),
        trace(call.trace),
        deadline_ns(call.deadline_ns),
        cancelled(call.cancelled),
        left(std::move(providers)) {
    request.name = name;
    request.arguments = arguments;
    request.client = client;
    request.answers = answers;
    request.state = state;
    request.caller = &abi_caller.abi();
  }
  Asked(const Asked&) = delete;
  Asked& operator=(const Asked&) = delete;

  const std::string name, arguments, client, answers, state;
  const Caller caller;
  const OwnedCaller abi_caller;
  OperationRequest request;
  const TraceContext trace;
  const std::int64_t deadline_ns;
  const std::shared_ptr<const CancelSource> cancelled;
  Providers left;
};

/// Asks one provider after another until one knows what is asked for.
class Catalogue::NextProvider final : public ReplySink {
 public:
  NextProvider(std::shared_ptr<Asked> asked, std::unique_ptr<ReplySink> sink)
      : asked_(std::move(asked)), sink_(std::move(sink)) {}

  static void ask(const std::shared_ptr<Asked>& asked, std::unique_ptr<ReplySink> sink) {
    if (asked->left.empty()) return sink->refused("unknown", "there is no such thing", {});
    Provider* const provider = asked->left.front();
    asked->left.erase(asked->left.begin());
    provider->request(
        {asked->request, asked->caller, asked->trace, asked->deadline_ns, asked->cancelled},
        std::make_unique<NextProvider>(asked, std::move(sink)));
  }

  void progress(double done, double total, std::string_view message) override {
    sink_->progress(done, total, message);
  }
  void log(std::int32_t level, std::string_view logger, std::string_view data) override {
    sink_->log(level, logger, data);
  }
  bool content(const ContentHead& head, std::string_view piece, bool more) override {
    return sink_->content(head, piece, more);
  }
  void result(std::string_view structured, bool is_error) override {
    sink_->result(structured, is_error);
  }
  void ask(std::string_view requests, std::string_view state) override {
    sink_->ask(requests, state);
  }
  void task(const TaskInfo& task) override { sink_->task(task); }
  void completion(const std::vector<std::string>& values, std::int64_t total,
                  bool has_more) override {
    sink_->completion(values, total, has_more);
  }
  void refused(std::string_view reason, std::string_view message, std::string_view data) override {
    if (reason != "unknown" || asked_->left.empty()) return sink_->refused(reason, message, data);
    ask(asked_, std::move(sink_));
  }

 private:
  const std::shared_ptr<Asked> asked_;
  std::unique_ptr<ReplySink> sink_;
};

Catalogue::Catalogue() = default;
Catalogue::~Catalogue() = default;

Status Catalogue::add(Provider& provider) {
  {
    const std::lock_guard lock(mutex_);
    providers_.push_back(&provider);
  }
  const auto offered = operationsOf(provider);
  if (!offered) return tl::unexpected<Error>(offered.error());
  for (const OperationInfo& operation : *offered) {
    const std::lock_guard lock(mutex_);
    const auto [taken, is_new] =
        by_operation_.emplace(operation.name, Offer{&provider, operation.flags});
    if (!is_new)
      return fail(ErrorClass::config, "the operation " + operation.name + " of " +
                                          std::string(provider.name()) + " is offered by " +
                                          std::string(taken->second.provider->name()) +
                                          " already; configure one of the two");
  }
  return {};
}

Catalogue::Providers Catalogue::providers() const {
  const std::lock_guard lock(mutex_);
  return providers_;
}

/// Anew, for what a provider offers may change; the first of two that offer one name keeps it.
void Catalogue::learnOperations() {
  std::map<std::string, Offer, std::less<>> learnt;
  for (Provider* provider : providers())
    if (const auto offered = operationsOf(*provider))
      for (const OperationInfo& operation : *offered)
        learnt.emplace(operation.name, Offer{provider, operation.flags});
  const std::lock_guard lock(mutex_);
  by_operation_ = std::move(learnt);
}

Catalogue::Offer Catalogue::offerOf(const std::string& operation) {
  const std::lock_guard lock(mutex_);
  const auto found = by_operation_.find(operation);
  return found == by_operation_.end() ? Offer() : found->second;
}

/// What the operation does becomes part of it.
Span Catalogue::beginSpan(const OperationRequest& request, const Offer& offer, const Caller& caller,
                          TraceContext& trace) const {
  if (!spans_ || !offer.provider) return {};
  trace = spans_->admit(trace, (offer.flags & SCANHOST_OPERATION_READ_ONLY) == 0);
  if (!spans_->records(trace.abi())) return {};
  Span span(spans_, SpanKind::server, request.name, trace.abi());
  span.set("scanhost.provider", offer.provider->name());
  span.set("scanhost.caller", caller.subject);
  trace = TraceContext::fromAbi(span.trace());
  return span;
}

Result<ListedPage> Catalogue::list(ListKind what, const Caller& caller,
                                   std::string_view cursor) const {
  const Providers all = providers();
  std::size_t index = 0;
  std::string at;
  if (!cursor.empty()) {
    const auto opened = keys_->open(purpose_cursor, cursorContext(caller, what), cursor);
    const auto parts = opened ? parted(*opened) : std::nullopt;
    const auto number = parts ? toNumber<std::size_t>(parts->first) : std::nullopt;
    if (!number || *number >= all.size())
      return fail(ErrorClass::unsupported,
                  "this cursor was not given to this caller for this list");
    index = *number;
    at = parts->second;
  }
  ListedPage page;
  for (; index < all.size(); ++index, at.clear()) {
    if (const Status listed = all[index]->list(what, caller, at, page); !listed)
      return tl::unexpected<Error>(listed.error());
    if (!page.next) continue;
    page.next = keys_->seal(purpose_cursor, cursorContext(caller, what),
                            joined(std::to_string(index), *page.next));
    return page;
  }
  return page;
}

std::uint64_t Catalogue::request(const OperationRequest& request, const Caller& caller,
                                 TraceContext trace, std::int64_t deadline_ns,
                                 std::unique_ptr<ReplySink> sink) {
  const std::uint64_t handle = ++last_handle_;
  const Offer offer =
      request.kind == RequestKind::operation ? offerOf(std::string(request.name)) : Offer();
  Provider* const provider = offer.provider;
  Span span = beginSpan(request, offer, caller, trace);
  ProviderCall call{request, caller, trace, deadline_ns};
  if (!provider || !provider->endsAtOnce(request)) {
    auto cancel = std::make_shared<CancelSource>();
    call.cancelled = cancel;
    const std::lock_guard lock(running_mutex_);
    running_.emplace(handle, std::move(cancel));
  }
  auto checked = std::make_unique<Checked>(*this, handle, call, std::move(span), std::move(sink));
  if (request.kind >= RequestKind::task) {
    askTask(call, std::move(checked));
  } else if (request.kind == RequestKind::operation) {
    if (!provider) {
      checked->refused("unknown", "there is no such operation", {});
    } else {
      checked->answersFor(*provider);
      ask(call, std::move(checked));
    }
  } else {
    ask(call, std::move(checked));
  }
  return handle;
}

/// Opens the state, then hands the request to whoever provides it.
void Catalogue::ask(const ProviderCall& call, std::unique_ptr<ReplySink> sink) {
  OperationRequest request = call.request;
  std::string state;
  if (!request.state.empty()) {
    const auto opened =
        keys_->open(purpose_state, stateContext(call.caller.subject, request), request.state);
    auto parts = opened ? parted(*opened) : std::nullopt;
    const auto expires = parts ? toNumber<std::int64_t>(parts->first) : std::nullopt;
    if (!expires || *expires < Timestamp::now().micros)
      return sink->refused("invalid_state",
                           "this state was not given to this caller for this request, or is over",
                           {});
    state = std::move(parts->second);
    request.state = state;
  }
  const ProviderCall opened{request, call.caller, call.trace, call.deadline_ns, call.cancelled};
  if (request.kind == RequestKind::operation) {
    if (Provider* const provider = offerOf(std::string(request.name)).provider)
      return provider->request(opened, std::move(sink));
    return sink->refused("unknown", "there is no such operation", {});
  }
  NextProvider::ask(std::make_shared<Asked>(opened, providers()), std::move(sink));
}

void Catalogue::askTask(const ProviderCall& call, std::unique_ptr<ReplySink> sink) {
  const auto task = openHandle(call.request.name, call.caller);
  if (!task) return sink->refused("unknown", "there is no such task", {});
  OperationRequest request = call.request;
  request.name = task->handle;
  task->provider->request({request, call.caller, call.trace, call.deadline_ns, call.cancelled},
                          std::move(sink));
}

std::optional<Catalogue::TaskHandle> Catalogue::openHandle(std::string_view sealed,
                                                           const Caller& caller) const {
  const auto opened = keys_->open(purpose_task, caller.subject, sealed);
  const auto parts = opened ? parted(*opened) : std::nullopt;
  if (!parts) return std::nullopt;
  for (Provider* provider : providers())
    if (provider->name() == parts->first) return TaskHandle{provider, parts->second};
  return std::nullopt;
}

void Catalogue::cancel(std::uint64_t handle) {
  std::shared_ptr<CancelSource> cancel;
  {
    const std::lock_guard lock(running_mutex_);
    const auto found = running_.find(handle);
    if (found == running_.end()) return;
    cancel = found->second;
  }
  cancel->cancel();
}

void Catalogue::forget(std::uint64_t handle) {
  const std::lock_guard lock(running_mutex_);
  running_.erase(handle);
}

std::uint64_t Catalogue::watch(std::uint32_t kinds, const std::vector<std::string>& resources,
                               const std::vector<std::string>& tasks, const Caller& caller,
                               ChangeHub::Changed changed) {
  ChangeHub::Watch watch;
  watch.kinds = kinds;
  watch.changed = std::move(changed);
  const Providers all = providers();
  for (const std::string& uri : resources) {
    if (!std::all_of(all.begin(), all.end(),
                     [&](Provider* provider) { return provider->mayWatch(uri, caller); }))
      return 0;
    watch.resources.insert(uri);
  }
  for (const std::string& sealed : tasks) {
    const auto task = openHandle(sealed, caller);
    if (!task) return 0;
    watch.tasks.emplace(joined(task->provider->name(), task->handle), sealed);
  }
  return changes_.add(std::move(watch));
}

void Catalogue::changed(std::string_view provider, std::uint32_t kind, std::string_view name) {
  if (kind == SCANHOST_CHANGED_OPERATIONS) learnOperations();
  if (kind == SCANHOST_CHANGED_TASK) return changes_.tell(kind, joined(provider, name));
  changes_.tell(kind, name);
}

}  // namespace scanhost
