// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// What workers said of their instances lately. In memory: this queue serves one process, and what
/// that process knew ends with it.
///
/// Safe from any thread.
#pragma once

#include <scanhost/queue_records.h>

#include <map>
#include <mutex>
#include <string>
#include <tuple>
#include <vector>

namespace scanhost::queue_sqlite {

class Announcements {
 public:
  /// `now` is of bootNanos(), here and below.
  void announce(const std::vector<InstanceState>& instances, std::int64_t now);
  /// Those not yet forgotten, with the time that is left to each.
  std::vector<InstanceState> known(std::int64_t now);

 private:
  struct Announced {
    InstanceState state;
    std::int64_t until;
  };

  void forgetOld(std::int64_t now);

  std::mutex mutex_;
  std::map<std::tuple<std::string, std::string, std::string>, Announced> by_instance_;
};

}  // namespace scanhost::queue_sqlite
