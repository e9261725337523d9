// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "plugins/transport/mcp/session_table.h"

#include <scanhost/error.h>
#include <sys/random.h>

#include <array>
#include <cstdint>

namespace scanhost::mcp {
namespace {

/// 128 random bits in hexadecimal.
std::string randomId() {
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

}  // namespace

std::optional<std::string> SessionTable::open(std::string_view subject, Time now) {
  std::string id = randomId();
  const std::lock_guard lock(mutex_);
  if (sessions_.size() >= max_) expire(now);
  if (sessions_.size() >= max_ && !makeRoom()) return std::nullopt;
  sessions_.emplace(id, Session{std::string(subject), now});
  return id;
}

std::optional<SessionTable::Use> SessionTable::enter(std::string_view id, std::string_view subject,
                                                     Time now) {
  const std::lock_guard lock(mutex_);
  const auto found = sessions_.find(id);
  if (found == sessions_.end() || found->second.subject != subject) return std::nullopt;
  if (isExpired(found->second, now)) {
    sessions_.erase(found);
    return std::nullopt;
  }
  found->second.used = now;
  ++found->second.running;
  return Use(*this, found->first);
}

bool SessionTable::end(std::string_view id, std::string_view subject) {
  const std::lock_guard lock(mutex_);
  const auto found = sessions_.find(id);
  if (found == sessions_.end() || found->second.subject != subject) return false;
  sessions_.erase(found);
  return true;
}

std::size_t SessionTable::size() const {
  const std::lock_guard lock(mutex_);
  return sessions_.size();
}

void SessionTable::expire(Time now) {
  std::erase_if(sessions_, [&](const auto& entry) { return isExpired(entry.second, now); });
}

bool SessionTable::makeRoom() {
  auto oldest = sessions_.end();
  for (auto it = sessions_.begin(); it != sessions_.end(); ++it)
    if (it->second.running == 0 &&
        (oldest == sessions_.end() || it->second.used < oldest->second.used))
      oldest = it;
  if (oldest == sessions_.end()) return false;
  sessions_.erase(oldest);
  return true;
}

void SessionTable::leave(const std::string& id) {
  const std::lock_guard lock(mutex_);
  const auto found = sessions_.find(id);
  if (found == sessions_.end()) return;
  --found->second.running;
  found->second.used = std::chrono::steady_clock::now();
}

}  // namespace scanhost::mcp
