// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "plugins/exporter/webhook/outbox.h"

#include <algorithm>
#include <map>
#include <mutex>
#include <random>
#include <utility>

#include "plugins/shared/http_client/own_call.h"

namespace scanhost::webhook {
namespace {

using std::chrono::milliseconds;
using Result = Attempt::Result;

constexpr const char* queue_full = "the queue is full";
constexpr const char* too_old = "older than max_age";
constexpr const char* receiver_refuses = "refused by the receiver";
constexpr const char* receiver_gone = "the receiver is gone";
constexpr const char* stopped = "stopped before they were delivered";

/// A host takes label values of up to 128 bytes, and a host's name may be longer.
std::string labelOf(const std::string& receiver) {
  return receiver.substr(0, 128);
}

MetricSeries deliveries(const Host& host, const std::string& receiver, const char* result) {
  return MetricSeries::counter(host, "scanhost_webhook_deliveries_total",
                               "Notices by what became of them.",
                               {{"receiver", labelOf(receiver)}, {"result", result}});
}

/// Sets the gauge to what waits in all outboxes of this process for the receiver, for several
/// entries may name one and share its series. The caller's had `before` in it.
void showWaiting(const MetricSeries& queue, const std::string& receiver, std::size_t before,
                 std::size_t now) {
  static std::mutex mutex;
  static std::map<std::string, std::size_t> waiting;
  const std::lock_guard lock(mutex);
  std::size_t& all = waiting[labelOf(receiver)];
  all = all - before + now;
  queue.set(static_cast<double>(all));
}

}  // namespace

Outbox::Outbox(const Host& host, std::string receiver, const Limits& limits, Send send)
    : host_(host),
      receiver_(std::move(receiver)),
      limits_(limits),
      send_(std::move(send)),
      delivered_(deliveries(host, receiver_, "delivered")),
      refused_(deliveries(host, receiver_, "refused")),
      expired_(deliveries(host, receiver_, "expired")),
      dropped_(deliveries(host, receiver_, "dropped")),
      queue_(MetricSeries::gauge(host, "scanhost_webhook_queue", "Notices that wait.",
                                 {{"receiver", labelOf(receiver_)}})) {}

Outbox::~Outbox() {
  stop({});
}

void Outbox::start() {
  thread_ = std::thread([this] { run(); });
}

void Outbox::add(Notice notice) {
  const std::lock_guard lock(mutex_);
  waiting_.push_back({std::move(notice), ++numbers_, Clock::now(), 0});
  if (waiting_.size() > limits_.max_queue) {
    waiting_.pop_front();
    lose(queue_full, 1);
  }
  changed_.notify_all();
}

void Outbox::stop(std::chrono::nanoseconds most) {
  if (!thread_.joinable()) return;
  {
    std::unique_lock lock(mutex_);
    draining_ = true;
    changed_.notify_all();
    changed_.wait_for(lock, most, [this] { return ended_; });
    ending_ = true;
    changed_.notify_all();
  }
  thread_.join();
}

void Outbox::run() {
  std::unique_lock lock(mutex_);
  for (;;) {
    const auto now = Clock::now();
    keepToBounds(now);
    report(lock, false);
    if (!mayGoOn(now)) break;
    if (waiting_.empty() || now < next_try_) {
      changed_.wait_until(lock, nextTurn());
      continue;
    }
    Waiting one = takeNext();
    lock.unlock();
    Attempt attempt;
    {
      http_client::OwnCall call(limits_.timeout, ending_);
      attempt = send_(one.notice, call);
    }
    lock.lock();
    settle(std::move(one), attempt);
  }
  lose(stopped, waiting_.size());
  waiting_.clear();
  report(lock, true);
  ended_ = true;
  changed_.notify_all();
}

bool Outbox::mayGoOn(Clock::time_point now) const {
  if (ending_) return false;
  return !draining_ || (!waiting_.empty() && failures_ == 0 && now >= next_try_);
}

Outbox::Clock::time_point Outbox::nextTurn() const {
  auto next = Clock::now() + std::chrono::hours(1);
  if (!waiting_.empty())
    next = std::min({next, next_try_, waiting_.front().since + limits_.max_age});
  if (!untold_losses_.empty() || untold_failures_ > 0) next = std::min(next, next_telling_);
  return next;
}

/// Of those that were tried least often the oldest.
Outbox::Waiting Outbox::takeNext() {
  const auto next =
      std::min_element(waiting_.begin(), waiting_.end(),
                       [](const Waiting& a, const Waiting& b) { return a.attempts < b.attempts; });
  Waiting one = std::move(*next);
  waiting_.erase(next);
  return one;
}

void Outbox::settle(Waiting one, const Attempt& attempt) {
  if (attempt.result == Result::delivered) delivered_.add(1);
  if (attempt.result != Result::failed) failures_ = 0;
  if (attempt.result != Result::delivered) {
    last_failure_ = attempt.why;
    ++untold_failures_;
  }
  if (attempt.result == Result::refused) lose(receiver_refuses, 1);
  if (attempt.result == Result::gone) {
    gone_ = true;
    lose(receiver_gone, 1);
  }
  if (attempt.result != Result::failed) return;
  ++one.attempts;
  const auto place = std::upper_bound(
      waiting_.begin(), waiting_.end(), one.number,
      [](std::uint64_t number, const Waiting& other) { return number < other.number; });
  waiting_.insert(place, std::move(one));
  pause(attempt.retry_after);
}

/// Full jitter: receivers are shared, and their senders fail together.
void Outbox::pause(std::chrono::seconds asked) {
  static thread_local std::minstd_rand random{std::random_device{}()};
  const milliseconds most = std::min(
      limits_.longest_pause, limits_.first_pause * (std::int64_t{1} << std::min(failures_, 20)));
  ++failures_;
  const milliseconds chosen(std::uniform_int_distribution<std::int64_t>(
      1, std::max<std::int64_t>(1, most.count()))(random));
  next_try_ = Clock::now() + std::max<milliseconds>(chosen, asked);
}

void Outbox::keepToBounds(Clock::time_point now) {
  if (gone_) {
    lose(receiver_gone, waiting_.size());
    waiting_.clear();
  }
  for (; waiting_.size() > limits_.max_queue; waiting_.pop_front()) lose(queue_full, 1);
  for (; !waiting_.empty() && now - waiting_.front().since >= limits_.max_age; waiting_.pop_front())
    lose(too_old, 1);
}

void Outbox::lose(const char* reason, std::size_t count) {
  if (count > 0) lost_[reason] += count;
}

void Outbox::report(std::unique_lock<std::mutex>& lock, bool is_last) {
  const auto lost = std::exchange(lost_, {});
  const std::size_t waiting = waiting_.size();
  const bool is_gone = gone_;
  lock.unlock();  // what follows may wait: behind a runner's pipe, say
  showWaiting(queue_, receiver_, std::exchange(shown_, waiting), waiting);
  for (const auto& [reason, count] : lost) {
    const bool is_refused = reason == receiver_refuses || reason == receiver_gone;
    (is_refused          ? refused_
     : reason == too_old ? expired_
                         : dropped_)
        .add(static_cast<double>(count));
    untold_losses_[reason] += count;
  }
  if (is_gone && !std::exchange(gone_told_, true))
    host_.log(LogLevel::error, "webhook_receiver_gone",
              Json::object({{"receiver", receiver_},
                            {"remedy",
                             "give exporter-webhook another url, or take it out of the "
                             "configuration, and reload"}}));
  const auto now = Clock::now();
  if (is_last || now >= next_telling_) tell(now, waiting);
  lock.lock();
}

void Outbox::tell(Clock::time_point now, std::size_t waiting) {
  if (untold_failures_ == 0 && untold_losses_.empty()) return;
  next_telling_ = now + limits_.told_every;
  if (const std::size_t failures = std::exchange(untold_failures_, 0); failures > 0)
    host_.log(LogLevel::warning, "webhook_delivery_failed",
              Json::object({{"receiver", receiver_},
                            {"error", last_failure_},
                            {"failures", failures},
                            {"waiting", waiting}}));
  for (const auto& [reason, count] : std::exchange(untold_losses_, {}))
    host_.log(LogLevel::warning, "webhook_notices_dropped",
              Json::object({{"receiver", receiver_}, {"count", count}, {"reason", reason}}));
}

}  // namespace scanhost::webhook
