// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// Runs a program that lies beside this one, for doctor's look at this machine's own files.
#pragma once

#include <string>
#include <vector>

namespace scanhost::ctl {

struct SiblingOutcome {
  bool started = false;
  int exit_code = 0;
  std::string output;  ///< both streams, at most 64 KiB; or why it did not start
};

/// Found in the folder of the running executable, never by PATH. Waits for its end.
SiblingOutcome runSibling(const std::string& name, const std::vector<std::string>& arguments);

}  // namespace scanhost::ctl
