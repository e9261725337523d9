// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

#include "plugins/queue/redis/script_batch.h"

#include <algorithm>

namespace scanhost::queue_redis {

ScriptBatch::ScriptBatch(std::span<const ScriptCall> calls) : calls_(calls) {
  for (std::size_t i = 0; i < calls.size(); ++i) {
    const auto alike = std::find_if(groups_.begin(), groups_.end(), [&](const Members& members) {
      return calls[members.front()].script() == calls[i].script();
    });
    if (alike != groups_.end() && sourceOf(calls[i].script()).takes_many)
      alike->push_back(i);
    else
      groups_.push_back({i});
  }
}

const ScriptSource& ScriptBatch::source(std::size_t i) const {
  return sourceOf(calls_[groups_[i].front()].script());
}

Poco::Redis::Array ScriptBatch::command(std::size_t i) const {
  Poco::Redis::Array command;
  command << "EVALSHA" << source(i).sha << "1" << calls_[groups_[i].front()].key();
  for (const std::size_t member : groups_[i])
    for (const std::string& argument : calls_[member].arguments()) command << argument;
  return command;
}

std::vector<Reply> ScriptBatch::shareOut(std::span<const Reply> replies) const {
  std::vector<Reply> answers(calls_.size());
  for (std::size_t i = 0; i < groups_.size(); ++i) {
    const Members& members = groups_[i];
    if (!source(i).takes_many || replies[i]->isError()) {
      for (const std::size_t member : members) answers[member] = replies[i];
      continue;
    }
    const auto items = itemsOf(replies[i]);
    if (items.size() != members.size())
      throw ProtocolError("the script " + source(i).name + " answers another number of calls");
    for (std::size_t j = 0; j < members.size(); ++j) answers[members[j]] = items[j];
  }
  return answers;
}

}  // namespace scanhost::queue_redis
