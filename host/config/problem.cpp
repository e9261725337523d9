// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "host/config/problem.h"

#include <algorithm>
#include <utility>

namespace scanhost {

std::string formatProblem(const Problem& problem) {
  std::string out = problem.file;
  if (problem.line > 0) out += ":" + std::to_string(problem.line);
  if (!problem.key.empty()) out += (out.empty() ? "" : ": ") + problem.key;
  return out + (out.empty() ? "" : ": ") + problem.message;
}

void Problems::error(const Place& place, std::string_view key, std::string message) {
  ++errors_;
  add(place, key, std::move(message), ProblemSeverity::error);
}

void Problems::warning(const Place& place, std::string_view key, std::string message) {
  add(place, key, std::move(message), ProblemSeverity::warning);
}

bool Problems::errorAt(std::string_view key) const {
  return std::any_of(list_.begin(), list_.end(), [&](const Problem& problem) {
    return problem.severity == ProblemSeverity::error && problem.key == key;
  });
}

bool Problems::anyErrorIn(std::string_view file) const {
  return std::any_of(list_.begin(), list_.end(), [&](const Problem& problem) {
    return problem.severity == ProblemSeverity::error && problem.file == file;
  });
}

void Problems::add(const Place& place, std::string_view key, std::string message,
                   ProblemSeverity severity) {
  if (list_.size() >= limit) {
    ++left_out_;
    return;
  }
  list_.push_back({place.file, place.line, std::string(key), std::move(message), severity});
}

std::vector<Problem> Problems::take() {
  std::vector<std::string> files;  // in order of first report: the main file before its drop-ins
  const auto rank = [&files](const std::string& file) {
    return std::find(files.begin(), files.end(), file) - files.begin();
  };
  for (const Problem& problem : list_)
    if (rank(problem.file) == static_cast<std::ptrdiff_t>(files.size()))
      files.push_back(problem.file);
  std::stable_sort(list_.begin(), list_.end(), [&](const Problem& a, const Problem& b) {
    return std::pair(rank(a.file), a.line) < std::pair(rank(b.file), b.line);
  });
  if (left_out_ > 0) {
    const ProblemSeverity severity = anyError() ? ProblemSeverity::error : ProblemSeverity::warning;
    list_.push_back(
        {{}, 0, {}, std::to_string(left_out_) + " more problems are not shown", severity});
  }
  errors_ = left_out_ = 0;
  return std::exchange(list_, {});
}

}  // namespace scanhost
