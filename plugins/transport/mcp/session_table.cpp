// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "plugins/transport/mcp/session_table.h"

#include <scanhost/error.h>
#include <sys/random.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <utility>

namespace scanhost::mcp {

std::string newSessionId() {
  std::array<std::uint8_t, 16> bytes;
  if (getrandom(bytes.data(), bytes.size(), 0) != static_cast<ssize_t>(bytes.size()))
    throw PluginError(ErrorClass::internal, "the system gives no random bytes");
  std::string id;
  for (const std::uint8_t byte : bytes) {
    id += "0123456789abcdef"[byte >> 4];
    id += "0123456789abcdef"[byte & 15];
  }
  return id;
}

bool SessionTable::add(std::shared_ptr<Session> session, Time now) {
  const std::string subject(session->caller()->subject());
  std::vector<std::shared_ptr<Session>> ended;
  bool has_room = true;
  {
    const std::lock_guard lock(mutex_);
    if (countOf(subject) >= limits_.per_client) ended.push_back(takeOldestIdle(subject));
    if (entries_.size() >= limits_.in_all) ended.push_back(takeOldestIdle({}));
    has_room = countOf(subject) < limits_.per_client && entries_.size() < limits_.in_all;
    if (has_room) entries_.emplace(session->id(), Entry{session, now});
  }
  for (const auto& old : ended)
    if (old) old->end();
  return has_room;
}

std::shared_ptr<Session> SessionTable::find(std::string_view id, std::string_view subject,
                                            Time now) {
  const std::lock_guard lock(mutex_);
  const auto found = entries_.find(id);
  if (found == entries_.end() || found->second.session->caller()->subject() != subject)
    return nullptr;
  found->second.used = now;
  return found->second.session;
}

bool SessionTable::end(std::string_view id, std::string_view subject) {
  std::shared_ptr<Session> session;
  {
    const std::lock_guard lock(mutex_);
    const auto found = entries_.find(id);
    if (found == entries_.end() || found->second.session->caller()->subject() != subject)
      return false;
    session = std::move(found->second.session);
    entries_.erase(found);
  }
  session->end();
  return true;
}

void SessionTable::expire(Time now) {
  std::vector<std::shared_ptr<Session>> ended;
  {
    const std::lock_guard lock(mutex_);
    for (auto it = entries_.begin(); it != entries_.end();) {
      if (it->second.session->isBusy()) it->second.used = now;
      if (now - it->second.used < limits_.idle) {
        ++it;
        continue;
      }
      ended.push_back(std::move(it->second.session));
      it = entries_.erase(it);
    }
  }
  for (const auto& session : ended) session->end();
}

void SessionTable::endAll() {
  Entries entries;
  {
    const std::lock_guard lock(mutex_);
    entries.swap(entries_);
  }
  for (const auto& [id, entry] : entries) entry.session->end();
}

std::vector<std::shared_ptr<Session>> SessionTable::all() const {
  const std::lock_guard lock(mutex_);
  std::vector<std::shared_ptr<Session>> sessions;
  for (const auto& [id, entry] : entries_) sessions.push_back(entry.session);
  return sessions;
}

std::size_t SessionTable::size() const {
  const std::lock_guard lock(mutex_);
  return entries_.size();
}

std::size_t SessionTable::countOf(std::string_view subject) const {
  return static_cast<std::size_t>(std::count_if(
      entries_.begin(), entries_.end(),
      [&](const auto& entry) { return entry.second.session->caller()->subject() == subject; }));
}

/// Of that subject, or of any when it is empty; null when all are busy.
std::shared_ptr<Session> SessionTable::takeOldestIdle(std::string_view subject) {
  auto oldest = entries_.end();
  for (auto it = entries_.begin(); it != entries_.end(); ++it) {
    if (!subject.empty() && it->second.session->caller()->subject() != subject) continue;
    if (it->second.session->isBusy()) continue;
    if (oldest == entries_.end() || it->second.used < oldest->second.used) oldest = it;
  }
  if (oldest == entries_.end()) return nullptr;
  auto session = std::move(oldest->second.session);
  entries_.erase(oldest);
  return session;
}

}  // namespace scanhost::mcp
