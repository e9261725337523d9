// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// What keeps a node from starting, gathered while its parts are made. One thread.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "host/config/load.h"

namespace scanhost {

class StartProblems {
 public:
  /// Both answer false, for `return problems.add(...)` in a step that says whether it succeeded.
  bool add(const PluginEntry& entry, std::string message) {
    const Place place = entry.config_node.locate("");
    all_.push_back({place.file, place.line, entry.key, std::move(message)});
    return false;
  }
  bool add(std::string key, std::string message) {
    all_.push_back({"", 0, std::move(key), std::move(message)});
    return false;
  }

  std::vector<Problem>& all() { return all_; }
  std::vector<Problem> take() { return std::exchange(all_, {}); }

 private:
  std::vector<Problem> all_;
};

}  // namespace scanhost
