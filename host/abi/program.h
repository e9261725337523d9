// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// Runs one program to its end: no shell, no inherited descriptor or environment, and nothing left
/// of it or its children when `run` returns.
///
/// The program leads a process group of its own, reads the given input, and is killed when the
/// thread that runs it dies with the host (PR_SET_PDEATHSIG; the kernel forgets that for a program
/// with file capabilities). It starts in "/" with umask 077 and default signals. What has left the
/// group by a setsid of its own cannot be found again and is not waited for.
///
/// Blocks; one call per thread, any number of threads.
#pragma once

#include <scanhost/abi/call.h>

#include <chrono>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "host/base/result.h"

namespace scanhost {

struct ChildProgram {
  std::string program;                 ///< absolute path
  std::vector<std::string> arguments;  ///< without the program's name; never a secret
  std::vector<std::pair<std::string, std::string>> environment;  ///< the whole of it
  std::string_view input;  ///< what it reads on standard input; outlives the run
  std::chrono::nanoseconds grace = std::chrono::seconds(5);  ///< from SIGTERM to SIGKILL
  /// Take output as it comes; an answer other than SCANHOST_OK ends the program. Empty: dropped.
  std::function<scanhost_status(std::string_view)> output = {};
  std::function<scanhost_status(std::string_view)> error_output = {};
};

struct ChildEnd {
  enum class Why { exited, refused, cancelled, timeout };
  Why why = Why::exited;
  int exit_code = -1;                     ///< -1 when a signal ended it
  int signal = 0;                         ///< 0 when none did
  scanhost_status refusal = SCANHOST_OK;  ///< what a taker of output answered
  std::string error_tail;                 ///< the last 4 KiB of standard error
};

/// Stops the program when `call` is cancelled or past its deadline. Fails (config) only when the
/// program cannot be started.
Result<ChildEnd> runChildProgram(const ChildProgram& spec, const scanhost_call* call);

}  // namespace scanhost
