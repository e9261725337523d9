// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// The results of many rounds as Markdown.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "tests/faults/round.h"

namespace scanhost::faults {

class Table {
 public:
  void add(Kind kind, const RoundResult& result);
  bool isClean() const { return clean_; }
  int kills() const { return kills_; }
  /// One row for each kind of round, then one for each thing that was done.
  std::string text() const;

 private:
  struct Row {
    int rounds = 0;
    int faults = 0;
    std::size_t accepted = 0, completed = 0, cancelled = 0;
    std::size_t lost = 0, duplicated = 0, stale = 0, orphaned = 0, mixed = 0, usurped = 0,
                remains = 0, failed = 0, restored = 0, failed_calls = 0;
    std::vector<std::chrono::milliseconds> recoveries;
  };

  std::map<std::string, Row> kinds_;
  std::map<std::string, Row> details_;
  bool clean_ = true;
  int kills_ = 0;
};

}  // namespace scanhost::faults
