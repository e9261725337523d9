// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "plugins/transport/mcp/post_reply.h"

#include <utility>

namespace scanhost::mcp {

PostReply::PostReply(const HttpRequest& request, HttpResponse& response, Options options)
    : accepted_(readAccept(request.header("Accept"))),
      response_(response),
      options_(std::move(options)),
      due_(options_.answers) {}

void PostReply::notify(const std::string& message) {
  const std::lock_guard lock(mutex_);
  const bool response_is_handlers =
      state_ == State::handling && std::this_thread::get_id() != handler_;
  if (response_is_handlers) {
    if (accepted_.stream) held_.push_back(message);
  } else if (state_ != State::over && stream()) {
    events_->send(message);
  }
}

/// Makes it a stream if it can be one. With the lock held.
bool PostReply::stream() {
  if (state_ == State::streaming) return true;
  if (!accepted_.stream) return false;
  if (!events_)
    events_ = options_.open_events ? options_.open_events()
                                   : std::make_shared<EventStream>(0, EventMemory{});
  const auto open = [this](std::function<void()> closed) -> std::optional<HttpStream> {
    HttpStreamOptions wanted;
    wanted.closed = std::move(closed);
    wanted.keep_alive = options_.stream.keep_alive;
    wanted.buffer_bytes = options_.stream.buffer_bytes;
    if (state_ == State::handling) return response_.stream(200, streamHeaders(), std::move(wanted));
    return deferred_->stream(200, streamHeaders(), std::move(wanted));
  };
  if (!events_->attach(open, 0, [self = shared_from_this()] { self->gone(); })) return false;
  state_ = State::streaming;
  if (options_.retry) events_->prime(*options_.retry);
  for (const std::string& message : held_) events_->send(message);
  held_.clear();
  for (std::size_t i = 0; i < answers_.size(); ++i) events_->send(answers_[i].body);
  return true;
}

void PostReply::respond(int status, const std::string& body, Pairs headers) {
  take({status, body, std::move(headers)});
}

void PostReply::forbid(const std::string& scope, const std::string& body) {
  take({403, body, {}, scope});
}

void PostReply::take(Answer answer) {
  const std::lock_guard lock(mutex_);
  if (state_ == State::over || due_ == 0) return;
  --due_;
  if (state_ == State::streaming) {
    if (due_ > 0) return events_->send(answer.body);
    settled();
    return events_->finish(answer.body);
  }
  answers_.push_back(std::move(answer));
  if (due_ == 0 && state_ == State::deferred) sendWhole();
}

void PostReply::drop() {
  const std::lock_guard lock(mutex_);
  if (state_ == State::over || due_ == 0) return;
  if (--due_ > 0) return;
  if (state_ == State::streaming) {
    settled();
    return events_->end();
  }
  if (state_ == State::deferred) sendWhole();
}

void PostReply::settle() {
  std::unique_lock lock(mutex_);
  if (state_ != State::handling) return;
  if (due_ == 0 && (held_.empty() || !stream())) return sendWhole();
  if (due_ == 0) {
    settled();
    return events_->end();
  }
  if (stream()) return;
  lock.unlock();  // the host may tell at once that the client has gone
  auto deferred = response_.defer([self = shared_from_this()] { self->gone(); });
  lock.lock();
  if (state_ != State::handling) return;
  if (!deferred) {
    state_ = State::over;
    lock.unlock();
    return gone();
  }
  deferred_ = std::move(deferred);
  state_ = State::deferred;
  if (due_ == 0) sendWhole();
}

/// Every answer is there: nothing is left to cancel, and who would have cancelled is let go. With
/// the lock held.
void PostReply::settled() {
  state_ = State::over;
  std::vector<std::function<void()>> let_go;
  const std::lock_guard lock(gone_mutex_);
  gone_ = true;
  let_go.swap(on_gone_);
}

/// Everything is there, and nothing was sent before. With the lock held.
void PostReply::sendWhole() {
  const bool handling = state_ == State::handling;
  settled();
  const int status = options_.batch ? 200 : answers_.empty() ? 202 : answers_.front().status;
  Pairs headers =
      options_.batch || answers_.empty() ? Pairs() : std::move(answers_.front().headers);
  std::string body;
  if (!answers_.empty()) {
    body = joined();
    if (status == 200 && !accepted_.json) {
      for (auto& field : streamHeaders()) headers.push_back(std::move(field));
      body = eventOf(body);
    } else {
      headers.emplace_back("Content-Type", "application/json");
    }
  }
  if (handling && !options_.batch && !answers_.empty() && !answers_.front().scope.empty())
    response_.forbid({answers_.front().scope}, headers, body);
  else if (handling)
    response_.send(status, headers, body);
  else
    deferred_->send(status, headers, body);
}

std::string PostReply::joined() const {
  if (!options_.batch) return answers_.front().body;
  std::string all = "[";
  for (const Answer& answer : answers_) {
    if (all.size() > 1) all += ',';
    all += answer.body;
  }
  return all += ']';
}

void PostReply::onGone(std::function<void()> cancel) {
  if (!options_.gone_cancels) return;
  {
    const std::lock_guard lock(gone_mutex_);
    if (!gone_) {
      on_gone_.push_back(std::move(cancel));
      return;
    }
  }
  cancel();
}

void PostReply::gone() {
  std::vector<std::function<void()>> cancels;
  {
    const std::lock_guard lock(gone_mutex_);
    if (std::exchange(gone_, true)) return;
    cancels.swap(on_gone_);
  }
  for (const auto& cancel : cancels) cancel();
}

}  // namespace scanhost::mcp
