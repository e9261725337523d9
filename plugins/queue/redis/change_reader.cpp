// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

#include "plugins/queue/redis/change_reader.h"

#include <algorithm>
#include <charconv>
#include <string_view>

namespace scanhost::queue_redis {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr int most_told = 1'000;
constexpr int number_bits = 22;
constexpr milliseconds look_around{200};  ///< how long the server blocks before we look up

std::string idOf(std::uint64_t sequence) {
  return std::to_string(sequence >> number_bits) + "-" +
         std::to_string(sequence & ((std::uint64_t{1} << number_bits) - 1));
}

std::uint64_t sequenceOf(const std::string& id) {
  std::uint64_t time = 0, number = 0;
  const char* end = id.data() + id.size();
  const auto first = std::from_chars(id.data(), end, time);
  if (first.ec == std::errc() && first.ptr != end && *first.ptr == '-') {
    const auto second = std::from_chars(first.ptr + 1, end, number);
    if (second.ec == std::errc() && second.ptr == end) return (time << number_bits) + number;
  }
  throw ProtocolError("an entry of the stream of changes has no id");
}

std::optional<QueueChange> changeOf(const Reply& entry) {
  const auto parts = itemsOf(entry);
  if (parts.size() != 2) throw ProtocolError("an entry of the stream of changes makes no sense");
  QueueChange change{sequenceOf(textOf(parts[0])), {}, std::nullopt};
  const auto fields = itemsOf(parts[1]);
  for (std::size_t i = 0; i + 1 < fields.size(); i += 2) {
    const std::string name = textOf(fields[i]), value = textOf(fields[i + 1]);
    if (name == "i") change.id = value;
    std::int32_t state = -1;
    if (name != "s") continue;
    std::from_chars(value.data(), value.data() + value.size(), state);
    if (state >= 0) change.state = detail::toTaskState(state);
  }
  if (change.id.empty()) return std::nullopt;
  return change;
}

}  // namespace

QueueChanges ChangeReader::after(std::uint64_t sequence, std::chrono::nanoseconds wait,
                                 Call& call) {
  const std::string id = idOf(sequence);
  const auto end =
      steady_clock::now() + std::clamp<std::chrono::nanoseconds>(wait, std::chrono::nanoseconds(0),
                                                                 std::chrono::hours(24));
  for (;;) {
    QueueChanges found = known(id, call);
    if (found.gap || !found.changes.empty()) return found;
    for (;;) {
      const auto left = std::chrono::ceil<milliseconds>(end - steady_clock::now());
      if (left.count() <= 0 || closed_) return found;
      call.check();
      if (waitForMore(id, std::min(left, look_around), call)) break;
    }
  }
}

QueueChanges ChangeReader::known(const std::string& id, Call& call) {
  ScriptCall script = client_.script(Script::changes);
  script << id << most_told;
  const Reply reply = client_.run(script, Repeat::yes, call);
  const auto parts = itemsOf(reply);
  if (parts.size() != 2) throw ProtocolError("an answer about changes makes no sense");
  QueueChanges changes;
  if (integerOf(parts[0]) == 1) {
    changes.gap = sequenceOf(textOf(parts[1]));
    return changes;
  }
  for (const Reply& entry : itemsOf(parts[1]))
    if (auto change = changeOf(entry)) changes.changes.push_back(std::move(*change));
  return changes;
}

bool ChangeReader::waitForMore(const std::string& id, milliseconds wait, Call& call) {
  RedisConnection::Command read;
  read << "XREAD"
       << "COUNT"
       << "1"
       << "BLOCK" << std::to_string(wait.count()) << "STREAMS" << client_.key("changes") << id;
  const Reply reply = client_.commands(std::span(&read, 1), call, wait).front();
  throwIfError(reply);
  return !isNull(reply);
}

}  // namespace scanhost::queue_redis
