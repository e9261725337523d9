// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "plugins/transport/mcp/subscriptions.h"

#include <atomic>
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

struct WantedChanges {
  std::uint32_t kinds = 0;      ///< of lists
  Json lists = Json::object();  ///< the same in the client's words
  std::set<std::string> resources, tasks;
};

void readFlag(const Json& asked, const char* name, std::uint32_t kind, WantedChanges& wanted) {
  if (!asked[name].asBool()) return;
  wanted.kinds |= kind;
  wanted.lists[name] = true;
}

void readNames(const Json& asked, const char* name, std::set<std::string>& names) {
  const Json* list = asked.find(name);
  if (!list || list->isNull()) return;
  if (!list->isArray() || list->size() > max_names)
    throw invalidParams(std::string("notifications.") + name + " must be a list of at most " +
                        std::to_string(max_names) + " strings");
  for (const Json& item : list->items()) {
    if (!item.isString())
      throw invalidParams(std::string("notifications.") + name + " must hold strings");
    names.insert(item.asString());
  }
}

WantedChanges readWanted(const Message& message) {
  const Json& asked = message.params["notifications"];
  if (!asked.isObject()) throw invalidParams("notifications must be an object");
  WantedChanges wanted;
  readFlag(asked, "toolsListChanged", SCANHOST_CHANGED_OPERATIONS, wanted);
  readFlag(asked, "promptsListChanged", SCANHOST_CHANGED_PROMPTS, wanted);
  readFlag(asked, "resourcesListChanged", SCANHOST_CHANGED_RESOURCES, wanted);
  readNames(asked, "resourceSubscriptions", wanted.resources);
  readNames(asked, "taskIds", wanted.tasks);
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
    const Json honoured = watch(wanted);
    const auto self = shared_from_this();
    if (!stream_->attach(connect, 0, [self] { self->owner_.forget(self); })) return false;
    stream_->send(notificationBody("notifications/subscriptions/acknowledged",
                                   Json::object({{"notifications", honoured}, {"_meta", meta_}})));
    acknowledged_ = true;
    return true;
  }

  const OwnedCaller& caller() const { return *caller_; }

  /// Not within the watch's callback.
  void close() {
    std::vector<OperationsWatch> ended;
    const std::lock_guard lock(mutex_);
    closed_ = true;
    ended.swap(watches_);
  }

  void finish() {
    close();
    stream_->finish(resultBody(id_, "\"resultType\":\"complete\",\"_meta\":" + meta_.dump()));
  }

 private:
  /// Begins to watch, and answers what of it is honoured: the lists, and the names that this caller
  /// may see, each with a watch of its own.
  Json watch(const WantedChanges& wanted) {
    const bool told_of_lists = wanted.kinds != 0 && begin(wanted.kinds, {}, {});
    Json honoured = told_of_lists ? wanted.lists : Json::object();
    const auto begin_each = [&](const std::set<std::string>& names, const char* list,
                                std::uint32_t kind) {
      if (names.empty()) return;
      Json kept = Json::array();
      const bool are_tasks = kind == SCANHOST_CHANGED_TASK;
      for (const std::string& name : names)
        if (begin(kind, are_tasks ? std::vector<std::string>() : std::vector{name},
                  are_tasks ? std::vector{name} : std::vector<std::string>()))
          kept.push(name);
      honoured[list] = std::move(kept);
    };
    begin_each(wanted.resources, "resourceSubscriptions", SCANHOST_CHANGED_RESOURCE);
    begin_each(wanted.tasks, "taskIds", SCANHOST_CHANGED_TASK);
    return honoured;
  }

  bool begin(std::uint32_t kinds, const std::vector<std::string>& resources,
             const std::vector<std::string>& tasks) {
    auto watch = owner_.operations_.watch(
        caller_->abi(), kinds, resources, tasks,
        [weak = weak_from_this()](std::uint32_t kind, std::string_view name) {
          if (const auto subscription = weak.lock()) subscription->changed(kind, name);
        });
    if (!watch) return false;
    const std::lock_guard lock(mutex_);
    if (closed_) return false;
    watches_.push_back(std::move(*watch));
    return true;
  }

  /// The acknowledgement is the first message; a change before it is seen by whoever reads after
  /// it.
  void changed(std::uint32_t kind, std::string_view name) {
    if (!acknowledged_) return;
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
  std::atomic<bool> acknowledged_{false};
  std::mutex mutex_;
  bool closed_ = false;
  std::vector<OperationsWatch> watches_;
};

void Subscriptions::begin(const Message& message, const std::shared_ptr<const OwnedCaller>& caller,
                          HttpResponse& response) {
  const WantedChanges wanted = readWanted(message);
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
