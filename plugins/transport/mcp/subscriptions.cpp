// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "plugins/transport/mcp/subscriptions.h"

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "plugins/transport/mcp/event_stream.h"
#include "plugins/transport/mcp/operation_call.h"
#include "plugins/transport/mcp/protocol.h"
#include "plugins/transport/mcp/session.h"

namespace scanhost::mcp {
namespace {

constexpr std::size_t max_names = 100;

void readFlag(const Json& asked, const char* name, std::uint32_t kind, WantedChanges& wanted) {
  if (!asked[name].asBool()) return;
  wanted.kinds |= kind;
  wanted.honoured[name] = true;
}

void readNames(const Json& asked, const char* name, std::uint32_t kind,
               std::vector<std::string>& names, WantedChanges& wanted) {
  const Json* list = asked.find(name);
  if (!list || list->isNull()) return;
  if (!list->isArray() || list->size() > max_names)
    throw invalidParams(std::string("notifications.") + name + " must be a list of at most " +
                        std::to_string(max_names) + " strings");
  for (const Json& item : list->items()) {
    if (!item.isString())
      throw invalidParams(std::string("notifications.") + name + " must hold strings");
    names.push_back(item.asString());
  }
  wanted.kinds |= kind;
  wanted.honoured[name] = *list;
}

WantedChanges readWanted(const Message& message) {
  const Json& asked = message.params["notifications"];
  if (!asked.isObject()) throw invalidParams("notifications must be an object");
  WantedChanges wanted;
  readFlag(asked, "toolsListChanged", SCANHOST_CHANGED_OPERATIONS, wanted);
  readFlag(asked, "promptsListChanged", SCANHOST_CHANGED_PROMPTS, wanted);
  readFlag(asked, "resourcesListChanged", SCANHOST_CHANGED_RESOURCES, wanted);
  readNames(asked, "resourceSubscriptions", SCANHOST_CHANGED_RESOURCE, wanted.resources, wanted);
  readNames(asked, "taskIds", SCANHOST_CHANGED_TASK, wanted.tasks, wanted);
  return wanted;
}

/// Tells how a task is, as it was when it was looked at.
class TaskTeller final : public ReplySink {
 public:
  TaskTeller(std::shared_ptr<EventStream> stream, Json meta)
      : stream_(std::move(stream)), meta_(std::move(meta)) {}
  void progress(double, double, std::string_view) override {}
  void log(std::int32_t, std::string_view, std::string_view) override {}
  bool content(const ContentHead& head, std::string_view piece, bool more) override {
    return contents_.add(head, piece, more);
  }
  void result(std::string_view, bool) override {}
  void ask(std::string_view, std::string_view) override {}
  void completion(const std::vector<std::string>&, std::int64_t, bool) override {}
  void refused(std::string_view, std::string_view, std::string_view) override {}
  void task(const TaskInfo& task) override {
    const std::string members = detailedTaskMembers(contents_, task, Revision::r2026_07_28);
    stream_->send("{\"jsonrpc\":\"2.0\",\"method\":\"notifications/tasks\",\"params\":{" + members +
                  ",\"_meta\":" + meta_.dump() + "}}");
  }

 private:
  const std::shared_ptr<EventStream> stream_;
  const Json meta_;
  ContentList contents_{Revision::r2026_07_28, ContentList::Form::tool};
};

}  // namespace

class Subscriptions::Subscription : public std::enable_shared_from_this<Subscription> {
 public:
  Subscription(Subscriptions& owner, Json id, std::shared_ptr<const OwnedCaller> caller,
               std::shared_ptr<void> place)
      : owner_(owner),
        id_(std::move(id)),
        meta_(Json::object({{std::string(meta::subscription_id), id_}})),
        caller_(std::move(caller)),
        place_(std::move(place)) {}

  /// False when the host has no room for the stream, and has answered so.
  bool open(HttpResponse& response, const WantedChanges& wanted) {
    const auto connect = [&](std::function<void()> closed) {
      HttpStreamOptions options;
      options.closed = std::move(closed);
      options.keep_alive = owner_.config_.keep_alive;
      options.buffer_bytes = owner_.config_.stream_buffer;
      return response.stream(200, streamHeaders(), std::move(options));
    };
    const auto self = shared_from_this();
    if (!stream_->attach(connect, 0, [self] { self->owner_.forget(self); })) return false;
    stream_->send(
        notificationBody("notifications/subscriptions/acknowledged",
                         Json::object({{"notifications", wanted.honoured}, {"_meta", meta_}})));
    auto watch = owner_.operations_.watch(
        caller_->abi(), wanted.kinds, wanted.resources, wanted.tasks,
        [weak = weak_from_this()](std::uint32_t kind, std::string_view name) {
          if (const auto subscription = weak.lock()) subscription->changed(kind, name);
        });
    const std::lock_guard lock(mutex_);
    if (!over_) watch_ = std::move(watch);
    return true;
  }

  const OwnedCaller& caller() const { return *caller_; }

  /// Not within the watch's callback.
  void close() {
    std::optional<OperationsWatch> watch;
    const std::lock_guard lock(mutex_);
    over_ = true;
    watch.swap(watch_);
  }

  void finish() {
    close();
    stream_->finish(resultBody(id_, "\"resultType\":\"complete\",\"_meta\":" + meta_.dump()));
  }

 private:
  void changed(std::uint32_t kind, std::string_view name) {
    if (kind != SCANHOST_CHANGED_TASK) return stream_->send(changeNotification(kind, name, meta_));
    OperationRequest request;
    request.kind = RequestKind::task;
    request.name = name;
    request.caller = &caller_->abi();
    owner_.operations_.request(request, {}, INT64_MAX,
                               std::make_unique<TaskTeller>(stream_, meta_));
  }

  Subscriptions& owner_;
  const Json id_;
  const Json meta_;
  const std::shared_ptr<const OwnedCaller> caller_;
  const std::shared_ptr<void> place_;  ///< counted as one of the client's streams
  const std::shared_ptr<EventStream> stream_ = std::make_shared<EventStream>(0, EventMemory{});
  std::mutex mutex_;
  bool over_ = false;
  std::optional<OperationsWatch> watch_;
};

void Subscriptions::begin(const Message& message, const std::shared_ptr<const OwnedCaller>& caller,
                          HttpResponse& response) {
  WantedChanges wanted = readWanted(message);
  honour(wanted, *caller);
  auto place = streams_.take(caller->subject());
  if (!place) throw RpcError(429, code::internal_error, "too many streams of this client are open");
  const auto subscription =
      std::make_shared<Subscription>(*this, message.id, caller, std::move(place));
  {
    const std::lock_guard lock(mutex_);
    open_.insert(subscription);
  }
  if (!subscription->open(response, wanted)) forget(subscription);
}

/// Leaves out what this caller may not see, so that only what will be told is acknowledged.
void Subscriptions::honour(WantedChanges& wanted, const OwnedCaller& caller) const {
  const auto keep = [&](std::vector<std::string>& names, const char* list, std::uint32_t kind) {
    if (names.empty()) return;
    const auto nobody = [](std::uint32_t, std::string_view) {};
    Json kept = Json::array();
    std::vector<std::string> seen;
    for (std::string& name : names) {
      const bool is_task = kind == SCANHOST_CHANGED_TASK;
      const std::vector<std::string> one = {name}, none;
      if (!operations_.watch(caller.abi(), kind, is_task ? none : one, is_task ? one : none,
                             nobody))
        continue;
      kept.push(name);
      seen.push_back(std::move(name));
    }
    names = std::move(seen);
    wanted.honoured[list] = std::move(kept);
  };
  keep(wanted.resources, "resourceSubscriptions", SCANHOST_CHANGED_RESOURCE);
  keep(wanted.tasks, "taskIds", SCANHOST_CHANGED_TASK);
}

void Subscriptions::forget(const std::shared_ptr<Subscription>& subscription) {
  subscription->close();
  const std::lock_guard lock(mutex_);
  open_.erase(subscription);
}

void Subscriptions::sweep(std::int64_t now_us) {
  std::vector<std::shared_ptr<Subscription>> ended;
  {
    const std::lock_guard lock(mutex_);
    for (const auto& subscription : open_)
      if (subscription->caller().isExpired(now_us)) ended.push_back(subscription);
  }
  for (const auto& subscription : ended) {
    subscription->finish();
    forget(subscription);
  }
}

void Subscriptions::end() {
  std::set<std::shared_ptr<Subscription>> open;
  {
    const std::lock_guard lock(mutex_);
    open.swap(open_);
  }
  for (const auto& subscription : open) subscription->finish();
}

}  // namespace scanhost::mcp
