// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

#include "plugins/queue/redis/change_feed.h"

#include <algorithm>
#include <charconv>
#include <string_view>

namespace scanhost::queue_redis {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr std::size_t most_kept = 10'000;
constexpr std::size_t most_told = 1'000;
constexpr milliseconds look_up{200};  ///< how often a waiter asks whether to stop
constexpr milliseconds quiet_until_ping{5'000};
constexpr milliseconds pause_after_failure{250};

template <class Number>
Number readNumber(std::string_view& text) {
  Number number{};
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, number);
  if (error != std::errc() || stop == end || *stop != ' ')
    throw ProtocolError("a message on the channel of changes makes no sense");
  text.remove_prefix(static_cast<std::size_t>(stop - text.data()) + 1);
  return number;
}

/// "<number> <state> <id>"
QueueChange changeOf(std::string_view rest) {
  QueueChange change;
  change.sequence = readNumber<std::uint64_t>(rest);
  const auto state = readNumber<std::int32_t>(rest);
  if (state >= 0) change.state = detail::toTaskState(state);
  change.id = rest;
  return change;
}

}  // namespace

QueueChanges ChangeFeed::after(std::uint64_t sequence, std::chrono::nanoseconds wait, Call& call) {
  const auto end =
      steady_clock::now() + std::clamp<std::chrono::nanoseconds>(wait, std::chrono::nanoseconds(0),
                                                                 std::chrono::hours(24));
  std::unique_lock lock(mutex_);
  if (!listener_.joinable() && !closed_) listener_ = std::thread([this] { listen(); });
  const int failures = failures_;
  while (!closed_) {
    if (listening_ && sequence != last_) break;
    if (!listening_ && failures_ != failures)
      throw PluginError(ErrorClass::transient, failure_, ErrorSubject::backend);
    const auto now = steady_clock::now();
    if (listening_ && now >= end) break;
    call.check();
    changed_.wait_until(lock, listening_ ? std::min(end, now + look_up) : now + look_up);
  }
  return known(sequence);
}

QueueChanges ChangeFeed::known(std::uint64_t sequence) const {
  const std::uint64_t first = last_ - changes_.size();  // what comes before the oldest known one
  if (sequence < first || sequence > last_) return {last_, {}};
  QueueChanges found;
  for (std::size_t i = static_cast<std::size_t>(sequence - first);
       i < changes_.size() && found.changes.size() < most_told; ++i)
    found.changes.push_back(changes_[i]);
  return found;
}

void ChangeFeed::close() {
  {
    const std::lock_guard lock(mutex_);
    closed_ = true;
  }
  own_call_.cancel();
  changed_.notify_all();
  if (listener_.joinable()) listener_.join();
}

void ChangeFeed::listen() {
  const Call call = own_call_.call();
  while (!call.cancelled()) try {
      listenOnce(call);
    } catch (const std::exception& error) {
      fail(error.what());
      std::unique_lock lock(mutex_);
      changed_.wait_for(lock, pause_after_failure, [&] { return closed_; });
    }
}

void ChangeFeed::listenOnce(const Call& call) {
  const auto connection = client_.pool().open(call);
  RedisConnection::Command subscribe, ping;
  subscribe << "SUBSCRIBE" << client_.key("changes");
  ping << "PING";
  throwIfError(connection->exchange(subscribe, call));
  begin(countNow());
  auto heard = steady_clock::now();
  bool pinged = false;
  while (connection->address() == client_.pool().current()) {
    const auto message = connection->await(look_up, call);
    const auto quiet = steady_clock::now() - heard;
    if (!message && quiet > quiet_until_ping + client_.config().timeout)
      throw ConnectionLost(connection->address().text() + " does not answer in time");
    if (!message && !pinged && quiet > quiet_until_ping) {
      connection->post(ping, call);
      pinged = true;
    }
    if (!message) continue;
    heard = steady_clock::now();
    pinged = false;
    const auto parts = itemsOf(*message);
    if (parts.size() == 3 && textOf(parts[0]) == "message") addAll(textOf(parts[2]));
  }
}

/// Asked after the subscription stands, so that nothing falls between.
std::uint64_t ChangeFeed::countNow() {
  Call call = own_call_.call();
  RedisConnection::Command get;
  get << "GET" << client_.key("changes");
  const Reply reply = client_.commands(std::span(&get, 1), call).front();
  throwIfError(reply);
  if (isNull(reply)) return 0;
  const std::string text = textOf(reply);
  std::uint64_t count = 0;
  std::from_chars(text.data(), text.data() + text.size(), count);
  return count;
}

void ChangeFeed::begin(std::uint64_t count) {
  {
    const std::lock_guard lock(mutex_);
    if (count != last_) changes_.clear();
    last_ = count;
    listening_ = true;
  }
  changed_.notify_all();
}

/// A message holds a line for each change of one script.
void ChangeFeed::addAll(std::string_view message) {
  {
    const std::lock_guard lock(mutex_);
    while (!message.empty()) {
      const std::string_view line = message.substr(0, message.find('\n'));
      message.remove_prefix(std::min(line.size() + 1, message.size()));
      add(changeOf(line));
    }
  }
  changed_.notify_all();
}

void ChangeFeed::add(QueueChange change) {
  const bool told_before = change.sequence <= last_ && last_ - change.sequence < most_kept;
  if (told_before) return;  // it was published while we asked for the count
  if (change.sequence != last_ + 1) changes_.clear();
  last_ = change.sequence;
  changes_.push_back(std::move(change));
  if (changes_.size() > most_kept) changes_.pop_front();
}

void ChangeFeed::fail(const std::string& reason) {
  {
    const std::lock_guard lock(mutex_);
    listening_ = false;
    failure_ = "queue-redis: changes cannot be followed: " + reason;
    ++failures_;
  }
  changed_.notify_all();
}

}  // namespace scanhost::queue_redis
