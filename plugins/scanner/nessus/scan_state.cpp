// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "plugins/scanner/nessus/scan_state.h"

#include <algorithm>
#include <charconv>
#include <utility>

#include "plugins/shared/remote_scan/remote_name.h"

namespace scanhost::nessus {
namespace {

/// Until it has run, a scan shows null or the id of its template, which is no run.
std::string runIdOf(const Json& uuid) {
  const std::string& text = uuid.asString();
  return text.rfind("template-", 0) == 0 ? std::string() : text;
}

}  // namespace

RemoteStatus statusOf(std::string_view status) {
  static constexpr std::pair<std::string_view, RemoteStatus> known[] = {
      {"empty", RemoteStatus::created},      {"pending", RemoteStatus::pending},
      {"queued", RemoteStatus::pending},     {"pausing", RemoteStatus::paused},
      {"paused", RemoteStatus::paused},      {"stopping", RemoteStatus::stopping},
      {"stopped", RemoteStatus::stopping},   {"canceled", RemoteStatus::stopped},
      {"cancelled", RemoteStatus::stopped},  {"completed", RemoteStatus::completed},
      {"imported", RemoteStatus::completed}, {"aborted", RemoteStatus::aborted}};
  for (const auto& [word, state] : known)
    if (word == status) return state;
  return RemoteStatus::running;
}

std::optional<std::int64_t> numberOf(const Json& value) {
  if (value.isInteger()) return value.asInteger();
  const std::string& text = value.asString();
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (text.empty() || error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

RemoteState stateOfEntry(const Json& entry) {
  RemoteState state;
  state.reference = std::to_string(numberOf(entry["id"]).value_or(0));
  state.marker = markerIn(entry["name"].asString());
  state.name = clientNameIn(entry["name"].asString());
  state.status = entry["status"].asString();
  state.state = statusOf(state.status);
  if (state.state != RemoteStatus::created) state.run_id = runIdOf(entry["uuid"]);
  if (state.state == RemoteStatus::completed) state.percent = 100;
  return state;
}

RemoteState stateOfDetails(const Json& details, const std::string& reference) {
  RemoteState state;
  state.reference = reference;
  state.marker = markerIn(details["info"]["name"].asString());
  state.status = details["info"]["status"].asString();
  state.state = statusOf(state.status);
  if (const Json* run = runIn(details, {})) state.run_id = (*run)["uuid"].asString();
  state.percent = state.state == RemoteStatus::completed ? 100 : percentOf(details);
  return state;
}

int percentOf(const Json& details) {
  double done = 0, total = 0;
  for (const Json& host : details["hosts"].items()) {
    done += static_cast<double>(numberOf(host["scanprogresscurrent"]).value_or(0));
    total += static_cast<double>(numberOf(host["scanprogresstotal"]).value_or(0));
  }
  if (total <= 0) return -1;
  double share = done / total;
  const auto known = static_cast<double>(details["hosts"].size());
  const auto expected = static_cast<double>(numberOf(details["info"]["hostcount"]).value_or(0));
  if (expected > known) share *= known / expected;
  return std::clamp(static_cast<int>(share * 100), 0, 99);
}

const Json* runIn(const Json& details, std::string_view run_id) {
  const Json* newest = nullptr;
  for (const Json& run : details["history"].items()) {
    if (!run_id.empty() && run["uuid"].asString() == run_id) return &run;
    if (run_id.empty() &&
        (!newest || numberOf(run["history_id"]) > numberOf((*newest)["history_id"])))
      newest = &run;
  }
  return newest;
}

}  // namespace scanhost::nessus
