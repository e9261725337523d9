// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "host/http/core.h"

#include "host/http/connection.h"

namespace scanhost::http {

void ConnectionList::add(std::uint64_t id, const std::string& address,
                         std::shared_ptr<Connection> connection) {
  const std::lock_guard lock(mutex_);
  partOf(id)[id] = {std::move(connection), address};
  ++size_;
  ++per_address_[address];
}

void ConnectionList::remove(std::uint64_t id) {
  std::shared_ptr<Connection> last;  // released without the lock
  const std::lock_guard lock(mutex_);
  auto& listed = partOf(id);
  const auto found = listed.find(id);
  if (found == listed.end()) return;
  const auto counted = per_address_.find(found->second.address);
  if (--counted->second == 0) per_address_.erase(counted);
  last = std::move(found->second.connection);
  listed.erase(found);
  --size_;
}

std::shared_ptr<Connection> ConnectionList::find(std::uint64_t id) const {
  const std::lock_guard lock(mutex_);
  const auto& listed = by_id_[id % parts];
  const auto found = listed.find(id);
  return found == listed.end() ? nullptr : found->second.connection;
}

std::vector<std::shared_ptr<Connection>> ConnectionList::part(std::size_t number) const {
  const std::lock_guard lock(mutex_);
  std::vector<std::shared_ptr<Connection>> connections;
  connections.reserve(by_id_[number].size());
  for (const auto& [id, listed] : by_id_[number]) connections.push_back(listed.connection);
  return connections;
}

std::vector<std::shared_ptr<Connection>> ConnectionList::all() const {
  std::vector<std::shared_ptr<Connection>> connections;
  for (std::size_t number = 0; number < parts; ++number)
    for (auto& connection : part(number)) connections.push_back(std::move(connection));
  return connections;
}

std::size_t ConnectionList::size() const {
  const std::lock_guard lock(mutex_);
  return size_;
}

std::size_t ConnectionList::countOf(const std::string& address) const {
  const std::lock_guard lock(mutex_);
  const auto found = per_address_.find(address);
  return found == per_address_.end() ? 0 : found->second;
}

void Core::report(const Exchange& exchange) const {
  if (hooks.on_response) hooks.on_response(exchange);
}

}  // namespace scanhost::http
