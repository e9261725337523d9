// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "host/http/route.h"

#include <algorithm>
#include <chrono>

#include "host/http/head.h"

namespace scanhost::http {
namespace {

constexpr std::chrono::milliseconds hurry_interval{20};

bool isPrefix(std::string_view path) {
  return path.size() >= 2 && path.substr(path.size() - 2) == "/*";
}

}  // namespace

bool RouteEntry::allows(std::string_view method) const {
  const auto listed = [&](std::string_view name) {
    return std::find(route_.methods.begin(), route_.methods.end(), name) != route_.methods.end();
  };
  return listed(method) || (method == "HEAD" && listed("GET"));
}

std::shared_ptr<RouteEntry::Use> RouteEntry::use(const std::shared_ptr<RouteEntry>& entry) {
  const std::lock_guard lock(entry->mutex_);
  if (entry->retired_) return nullptr;
  ++entry->uses_;
  return std::make_shared<Use>(entry);
}

RouteEntry::Use::~Use() {
  const std::lock_guard lock(entry_->mutex_);
  if (--entry_->uses_ == 0) entry_->unused_.notify_all();
}

void RouteEntry::retire(const std::function<void()>& hurry) {
  std::unique_lock lock(mutex_);
  retired_ = true;
  while (uses_ > 0) {
    lock.unlock();
    hurry();
    lock.lock();
    unused_.wait_for(lock, hurry_interval, [&] { return uses_ == 0; });
  }
}

Result<std::shared_ptr<RouteEntry>> RouteTable::add(Route route) {
  std::string plain = route.path;
  if (isPrefix(plain)) plain.pop_back();
  const auto normalised = normalisePath(plain.empty() ? "/" : plain);
  if (plain.empty() || plain[0] != '/' || !normalised || *normalised != plain ||
      plain.find('*') != std::string::npos)
    return fail(
        ErrorClass::config,
        "route '" + route.path + "': a path begins with '/', is normalised, and may end in '/*'");
  if (route.methods.empty() || !route.handler)
    return fail(ErrorClass::config, "route '" + route.path + "' has no methods or no handler");
  if (route.name.empty()) route.name = route.path;
  auto entry = std::make_shared<RouteEntry>(std::move(route));
  const std::lock_guard lock(mutex_);
  Entries& entries = by_path_[entry->route().path];
  for (const auto& other : entries)
    for (const std::string& method : entry->route().methods)
      if (other->allows(method))
        return fail(ErrorClass::config, "route '" + entry->route().path +
                                            "' is already taken for " + method +
                                            "; give one of the two plugins another path");
  entries.push_back(entry);
  return entry;
}

void RouteTable::remove(const std::shared_ptr<RouteEntry>& entry) {
  const std::lock_guard lock(mutex_);
  const auto found = by_path_.find(entry->route().path);
  if (found == by_path_.end()) return;
  std::erase(found->second, entry);
  if (found->second.empty()) by_path_.erase(found);
}

const RouteTable::Entries* RouteTable::entriesFor(std::string_view path) const {
  if (const auto exact = by_path_.find(path); exact != by_path_.end() && !isPrefix(path))
    return &exact->second;
  for (std::size_t slash = path.rfind('/'); slash != path.npos;
       slash = slash ? path.rfind('/', slash - 1) : path.npos) {
    const auto prefix = by_path_.find(std::string(path.substr(0, slash)) + "/*");
    if (prefix != by_path_.end()) return &prefix->second;
  }
  return nullptr;
}

RouteTable::Match RouteTable::find(std::string_view path, std::string_view method) const {
  const std::lock_guard lock(mutex_);
  Match match;
  const Entries* entries = entriesFor(path);
  if (!entries) return match;
  for (const auto& entry : *entries) {
    if (entry->allows(method)) {
      match.use = RouteEntry::use(entry);
      if (match.use) return match;
    }
    for (const std::string& name : entry->route().methods) {
      if (!match.allow.empty()) match.allow += ", ";
      match.allow += name;
      if (name == "GET") match.allow += ", HEAD";
    }
  }
  return match;
}

}  // namespace scanhost::http
