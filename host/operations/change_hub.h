// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// Who wants to hear of which changes: lists of what is offered, resources, tasks.
///
/// Any thread. A watch's callback never runs twice at once, nor after `remove` returned; it must be
/// quick and must not add or remove watches.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <string_view>
#include <utility>

namespace scanhost {

class ChangeHub {
 public:
  /// kind (SCANHOST_CHANGED_*), and what the watch calls it.
  using Changed = std::function<void(std::uint32_t kind, std::string_view name)>;

  struct Watch {
    std::uint32_t kinds = 0;
    std::set<std::string, std::less<>> resources = {};
    /// From a task, as its provider names it, to what the watch calls it.
    std::map<std::string, std::string, std::less<>> tasks = {};
    Changed changed;
  };

  explicit ChangeHub(std::size_t max_watches) : max_watches_(max_watches) {}

  /// 0 when there are too many.
  std::uint64_t add(Watch watch);
  /// Returns when its callback does not run any more.
  void remove(std::uint64_t id);
  void tell(std::uint32_t kind, std::string_view name);
  /// Tells every watch of all resources and tasks that it watches.
  void tellAllResources();

 private:
  struct Entry {
    explicit Entry(Watch wanted) : watch(std::move(wanted)) {}
    const Watch watch;
    std::mutex calling;
    bool removed = false;
  };
  using Entries = std::map<std::uint64_t, std::shared_ptr<Entry>>;
  /// What is told, and to whom under which name: a change costs those who watch it, not all.
  using Key = std::pair<std::uint32_t, std::string>;
  struct Listener {
    std::shared_ptr<Entry> entry;
    std::string own_name;
  };
  static std::map<Key, std::string> keysOf(const Watch& watch);

  const std::size_t max_watches_;
  mutable std::mutex mutex_;
  std::uint64_t last_id_ = 0;
  Entries watches_;
  std::map<Key, std::map<std::uint64_t, Listener>> by_key_;
};

}  // namespace scanhost
