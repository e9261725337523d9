// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// Stops every launch on a node at once, and for as long as a file lies in its data folder.
///
/// The file is the switch: whoever can make it (`touch kill_switch`) engages it, also while nothing
/// else can be reached, and it is there after a restart. Every question looks for it anew, which
/// costs a microsecond; a file that cannot be looked for counts as there. Safe from any thread.
#pragma once

#include <filesystem>
#include <functional>
#include <mutex>
#include <string>

#include "host/base/result.h"
#include "host/base/time.h"

namespace scanhost {

/// What callers are told.
inline constexpr const char* kill_switch_refusal =
    "An operator has stopped all scans of this node: its kill switch is on";

class KillSwitch {
 public:
  struct State {
    bool engaged = false;
    std::string caller, reason;  ///< empty: not known, as of a file made by hand
    Timestamp since{};           ///< zero: not known
  };
  /// Called once for each change that is seen, not under a lock.
  using OnChanged = std::function<void(const State& now)>;

  KillSwitch(std::filesystem::path file, OnChanged on_changed)
      : file_(std::move(file)), on_changed_(std::move(on_changed)) {}

  bool engaged() const;
  State state() const;

  /// Launches are stopped when it returns, whatever it returns: an error says that this would not
  /// outlast a restart.
  Status engage(const std::string& caller, const std::string& reason);
  Status release(const std::string& caller);
  /// Tells of a change that was made by hand. To be called now and then.
  void look();

 private:
  void tell(State now);

  const std::filesystem::path file_;
  const OnChanged on_changed_;
  mutable std::mutex mutex_;
  bool unstored_ = false;  ///< engaged, and the disk took no file
  bool told_ = false;
};

}  // namespace scanhost
