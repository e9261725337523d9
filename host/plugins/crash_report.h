// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// What is known of a runner's end that nobody asked for: enough for a vendor to find the line.
#pragma once

#include <scanhost/json.h>

#include <cstdint>
#include <string>
#include <vector>

#include "host/base/time.h"

namespace scanhost {

struct CrashReport {
  struct Frame {
    std::string module;  ///< "plugin", "scanhost-runner" or a library's file name; may be empty
    std::uint64_t offset = 0;  ///< from where it was loaded: what addr2line takes
  };

  Timestamp time;
  std::string plugin, instance, version, sha256, build_id;
  std::string signal;              ///< "SIGSEGV"; empty when none ended it
  int exit_code = -1;              ///< -1 when a signal did
  std::string reason;              ///< for people: "died of SIGSEGV in scan"
  std::string last_call;           ///< the ABI function under way, or that began last
  std::vector<std::string> tasks;  ///< of all calls under way
  std::uint64_t address = 0;       ///< that it could not access, for SIGSEGV and SIGBUS
  std::vector<Frame> backtrace;
  std::string error_output;  ///< its last 4 KiB, redacted
  int restarts = 0;          ///< before this

  Json toJson() const;
};

/// "SIGSEGV"
std::string signalName(int signal);

}  // namespace scanhost
