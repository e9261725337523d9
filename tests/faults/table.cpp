// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "tests/faults/table.h"

#include <algorithm>
#include <array>
#include <cstdio>

namespace scanhost::faults {
namespace {

/// What ends a process by SIGKILL.
bool isKill(const std::string& detail) {
  return detail == "kill" || detail == "redis restart" || detail.starts_with("failover") ||
         detail.starts_with("at ");
}

std::string seconds(std::chrono::milliseconds time) {
  std::array<char, 32> text;
  std::snprintf(text.data(), text.size(), "%.1f", static_cast<double>(time.count()) / 1000);
  return text.data();
}

std::string recovery(std::vector<std::chrono::milliseconds> times) {
  if (times.empty()) return "– | –";
  std::sort(times.begin(), times.end());
  return seconds(times[times.size() / 2]) + " | " + seconds(times.back());
}

std::string cells(std::initializer_list<std::size_t> numbers) {
  std::string text;
  for (const std::size_t number : numbers) text += " | " + std::to_string(number);
  return text;
}

}  // namespace

void Table::add(Kind kind, const RoundResult& result) {
  const Verdict& verdict = result.verdict;
  Row& row = kinds_[nameOf(kind)];
  ++row.rounds;
  row.accepted += verdict.accepted;
  row.completed += verdict.completed;
  row.cancelled += verdict.cancelled;
  row.lost += verdict.lost.size();
  row.duplicated += verdict.duplicated.size();
  row.stale += verdict.stale.size();
  row.orphaned += verdict.orphaned.size();
  row.mixed += verdict.mixed.size();
  row.usurped += verdict.usurped.size();
  row.failed += verdict.failed.size();
  row.remains += verdict.remains;
  row.restored += verdict.restored;
  row.failed_calls += result.failed_calls.size();
  for (const auto& [detail, number] : result.faults) {
    row.faults += number;
    details_[detail].faults += number;
    if (isKill(detail)) kills_ += number;
  }
  for (const auto& [detail, times] : verdict.recoveries)
    for (Row* each : {&row, &details_[detail]})
      each->recoveries.insert(each->recoveries.end(), times.begin(), times.end());
  clean_ = clean_ && verdict.isClean() && result.failed_calls.empty();
}

std::string Table::text() const {
  std::string text =
      "| rounds of | rounds | faults | tasks | completed | cancelled | restored | lost | "
      "duplicated | stale | "
      "orphaned | "
      "mixed | failed | usurped | failed calls | remains | recovery, median s | max s |\n"
      "|-|-|-|-|-|-|-|-|-|-|-|-|-|-|-|-|-|-|\n";
  for (const auto& [kind, row] : kinds_)
    text += "| " + kind +
            cells({static_cast<std::size_t>(row.rounds), static_cast<std::size_t>(row.faults),
                   row.accepted, row.completed, row.cancelled, row.restored, row.lost,
                   row.duplicated, row.stale, row.orphaned, row.mixed, row.failed, row.usurped,
                   row.failed_calls, row.remains}) +
            " | " + recovery(row.recoveries) + " |\n";
  text += "\n| what was done | times | recovery, median s | max s |\n|-|-|-|-|\n";
  for (const auto& [detail, row] : details_)
    text += "| " + detail + " | " + std::to_string(row.faults) + " | " + recovery(row.recoveries) +
            " |\n";
  return text;
}

}  // namespace scanhost::faults
