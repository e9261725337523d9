// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// Runs cases, each in a process of its own with a limit of time, and tells how they went: to
/// people or as one JSON document, each failure with the line that repeats it.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "sdk/tool/inspect.h"
#include "tests/conformance/check_case.h"
#include "tests/conformance/subject.h"

namespace scanhost::conformance {

struct RunOptions {
  std::string file;
  std::string settings = "{}";  ///< JSON
  std::string filter = "*";     ///< patterns of case ids, separated by ':'
  std::string only;             ///< one case's id; empty: all
  std::string recording;
  std::uint64_t seed = 1;
  bool as_json = false;
  bool list = false;
  bool verbose = false;
  bool in_process = false;  ///< the one case of `only`, here and now, for a debugger
  int report_fd = -1;       ///< where a child tells how its case went
};

/// Exit codes.
inline constexpr int all_passed = 0, some_failed = 1, not_checked = 2;

int runChecks(const RunOptions& options, const Inspection& inspection,
              const std::vector<Case>& cases);

}  // namespace scanhost::conformance
