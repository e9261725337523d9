// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "plugins/transport/mcp/session.h"

#include <algorithm>
#include <utility>

namespace scanhost::mcp {
namespace {

constexpr std::size_t max_questions = 100;
constexpr std::size_t max_subscriptions = 100;
/// Of those that have ended, for clients that come back for an answer.
constexpr std::size_t max_finished_streams = 16;

}  // namespace

std::string changeNotification(std::uint32_t kind, std::string_view name, const Json& meta) {
  Json params = Json::object();
  if (kind == SCANHOST_CHANGED_RESOURCE) params["uri"] = name;
  if (!meta.isNull()) params["_meta"] = meta;
  switch (kind) {
    case SCANHOST_CHANGED_OPERATIONS:
      return notificationBody("notifications/tools/list_changed", params);
    case SCANHOST_CHANGED_RESOURCES:
      return notificationBody("notifications/resources/list_changed", params);
    case SCANHOST_CHANGED_PROMPTS:
      return notificationBody("notifications/prompts/list_changed", params);
    case SCANHOST_CHANGED_RESOURCE:
      return notificationBody("notifications/resources/updated", params);
    default: return {};
  }
}

Session::Session(std::string id, std::shared_ptr<const OwnedCaller> caller, Revision revision,
                 Json client, std::shared_ptr<EventStream> standalone, EventMemory memory)
    : id_(std::move(id)),
      caller_(std::move(caller)),
      revision_(revision),
      client_(std::move(client)),
      memory_(memory),
      standalone_(std::move(standalone)) {}

std::shared_ptr<EventStream> Session::openStream() {
  const std::lock_guard lock(mutex_);
  const std::uint64_t number = ++last_stream_;
  auto stream = std::make_shared<EventStream>(number, memory_);
  if (memory_.max_events == 0) return stream;
  const auto is_finished = [](const auto& entry) { return entry.second->isFinished(); };
  if (static_cast<std::size_t>(std::count_if(streams_.begin(), streams_.end(), is_finished)) >=
      max_finished_streams)
    streams_.erase(std::find_if(streams_.begin(), streams_.end(), is_finished));
  streams_.emplace(number, stream);
  return stream;
}

std::shared_ptr<EventStream> Session::findStream(std::uint64_t number) const {
  if (number == 0) return standalone_;
  const std::lock_guard lock(mutex_);
  const auto found = streams_.find(number);
  return found == streams_.end() ? nullptr : found->second;
}

std::size_t Session::attachedStreams() const {
  const std::lock_guard lock(mutex_);
  const auto attached = std::count_if(streams_.begin(), streams_.end(),
                                      [](const auto& entry) { return entry.second->isAttached(); });
  return static_cast<std::size_t>(attached) + (standalone_->isAttached() ? 1 : 0);
}

void Session::pauseStreams(Clock::time_point attached_before) {
  const std::lock_guard lock(mutex_);
  for (const auto& [number, stream] : streams_)
    if (!stream->isFinished() && stream->isAttached() && stream->attachedAt() <= attached_before)
      stream->pause();
}

void Session::forgetStreams(Clock::time_point finished_before) {
  const std::lock_guard lock(mutex_);
  std::erase_if(streams_, [&](const auto& entry) {
    return entry.second->isFinished() && entry.second->finishedAt() <= finished_before;
  });
}

bool Session::ask(Outlet& via, std::string_view method, const Json& params, Answered answered) {
  std::int64_t number = 0;
  {
    const std::lock_guard lock(mutex_);
    if (ended_ || questions_.size() >= max_questions) return false;
    number = ++last_question_;
    questions_.emplace(number, Question{std::move(answered), Clock::now()});
  }
  via.notify(requestBody(number, method, params));
  return true;
}

void Session::answer(const Message& response) {
  Answered answered;
  {
    const std::lock_guard lock(mutex_);
    const auto found = questions_.find(response.id.asInteger(-1));
    if (found == questions_.end()) return;
    answered = std::move(found->second.answered);
    questions_.erase(found);
  }
  answered(&response);
}

void Session::giveUpQuestions(Clock::time_point asked_before) {
  std::vector<Answered> given_up;
  {
    const std::lock_guard lock(mutex_);
    std::erase_if(questions_, [&](auto& entry) {
      const bool is_old = entry.second.asked_at <= asked_before;
      if (is_old) given_up.push_back(std::move(entry.second.answered));
      return is_old;
    });
  }
  for (const Answered& answered : given_up) answered(nullptr);
}

void Session::began(const Json& request_id, std::function<void()> cancel) {
  const std::lock_guard lock(mutex_);
  running_[request_id.dump()] = std::move(cancel);
}

void Session::ended(const Json& request_id) {
  const std::lock_guard lock(mutex_);
  running_.erase(request_id.dump());
}

void Session::cancel(const Json& request_id) {
  std::function<void()> cancel;
  {
    const std::lock_guard lock(mutex_);
    const auto found = running_.find(request_id.dump());
    if (found == running_.end()) return;
    cancel = std::move(found->second);
    running_.erase(found);
  }
  cancel();
}

std::optional<OperationsWatch> Session::watch(const OperationsClient& operations,
                                              std::uint32_t kinds,
                                              const std::vector<std::string>& uris) const {
  return operations.watch(caller_->abi(), kinds, uris, {},
                          [stream = standalone_](std::uint32_t kind, std::string_view name) {
                            stream->send(changeNotification(kind, name, {}));
                          });
}

bool Session::subscribe(const OperationsClient& operations, const std::string& uri) {
  const std::lock_guard lock(watch_mutex_);
  if (subscribed_.count(uri) != 0) return true;
  if (watches_ended_ || subscribed_.size() >= max_subscriptions) return false;
  auto begun = watch(operations, SCANHOST_CHANGED_RESOURCE, {uri});
  if (begun) subscribed_.emplace(uri, std::move(*begun));
  return begun.has_value();
}

void Session::unsubscribe(const std::string& uri) {
  const std::lock_guard lock(watch_mutex_);
  subscribed_.erase(uri);
}

void Session::watchLists(const OperationsClient& operations) {
  const std::lock_guard lock(watch_mutex_);
  if (lists_ || watches_ended_) return;
  lists_ = watch(
      operations,
      SCANHOST_CHANGED_OPERATIONS | SCANHOST_CHANGED_RESOURCES | SCANHOST_CHANGED_PROMPTS, {});
}

void Session::end() {
  std::map<std::int64_t, Question> questions;
  std::map<std::string, std::function<void()>> running;
  std::map<std::uint64_t, std::shared_ptr<EventStream>> streams;
  {
    const std::lock_guard lock(mutex_);
    ended_ = true;
    questions.swap(questions_);
    running.swap(running_);
    streams.swap(streams_);
  }
  {
    const std::lock_guard lock(watch_mutex_);
    watches_ended_ = true;
    lists_.reset();
    subscribed_.clear();
  }
  for (const auto& [id, cancel] : running) cancel();
  for (const auto& [number, question] : questions) question.answered(nullptr);
  for (const auto& [number, stream] : streams) stream->end();
  standalone_->end();
}

bool Session::isBusy() const {
  {
    const std::lock_guard lock(mutex_);
    if (!running_.empty()) return true;
  }
  return attachedStreams() > 0;
}

}  // namespace scanhost::mcp
