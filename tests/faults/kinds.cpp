// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "tests/faults/kinds.h"

#include <array>
#include <stdexcept>
#include <utility>

namespace scanhost::faults {
namespace {

constexpr std::array<std::pair<Kind, const char*>, 12> kind_names = {
    {{Kind::kill, "kill"},
     {Kind::point, "point"},
     {Kind::stop, "stop"},
     {Kind::network, "network"},
     {Kind::drain, "drain"},
     {Kind::disk, "disk"},
     {Kind::redis_restart, "redis-restart"},
     {Kind::redis_stop, "redis-stop"},
     {Kind::failover, "failover"},
     {Kind::failover_async, "failover-async"},
     {Kind::swap, "swap"},
     {Kind::mixed, "mixed"}}};

}  // namespace

const char* nameOf(Kind kind) {
  for (const auto& [known, name] : kind_names)
    if (known == kind) return name;
  return "?";
}

Kind kindOf(const std::string& name) {
  for (const auto& [kind, known] : kind_names)
    if (name == known) return kind;
  throw std::invalid_argument("'" + name + "' is no kind of fault");
}

const std::vector<std::string>& killPoints() {
  static const std::vector<std::string> points = {"after_lease",
                                                  "after_renewal",
                                                  "before_intent",
                                                  "after_intent",
                                                  "after_prepare",
                                                  "after_reference",
                                                  "after_start",
                                                  "after_run_id",
                                                  "after_find",
                                                  "after_adoption",
                                                  "after_leftover_removed",
                                                  "after_settled_removed",
                                                  "before_clear_up",
                                                  "after_poll",
                                                  "after_pause_note",
                                                  "after_request",
                                                  "after_state",
                                                  "after_generation",
                                                  "during_collect",
                                                  "before_seal",
                                                  "after_seal",
                                                  "after_collect",
                                                  "before_finish",
                                                  "after_finish",
                                                  "before_release",
                                                  "after_release",
                                                  "before_submit",
                                                  "after_submit",
                                                  "after_cancel"};
  return points;
}

}  // namespace scanhost::faults
