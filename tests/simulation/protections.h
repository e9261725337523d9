// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// What keeps a run's promises, one by one: a test takes one away and sees that the checker tells.
#pragma once

#include <array>
#include <optional>
#include <string_view>

namespace scanhost::simulation {

enum class Protection {
  none,
  fencing,           ///< the queue compares the lease of each write
  lease_length,      ///< a task is taken over only when its lease ran out
  instance_limits,   ///< the queue grants no more than an instance may run
  takeover_count,    ///< the queue counts takeovers in a row
  kept_submissions,  ///< what is accepted is stored
  submission_keys,   ///< a key that is known makes no second task
  unspent_drain,     ///< a task handed back costs no attempt
  find,              ///< a launch in doubt is looked for by its marker
  start_once,        ///< a scan that ran before is not started again
  sealed_results,    ///< only sealed results are named by a task
};

inline constexpr std::array<std::string_view, 11> protection_names{
    "none",           "fencing",          "lease_length",    "instance_limits",
    "takeover_count", "kept_submissions", "submission_keys", "unspent_drain",
    "find",           "start_once",       "sealed_results"};

inline std::optional<Protection> parseProtection(std::string_view name) {
  for (std::size_t i = 0; i < protection_names.size(); ++i)
    if (protection_names[i] == name) return static_cast<Protection>(i);
  return std::nullopt;
}

}  // namespace scanhost::simulation
