// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// What a runner takes from itself before a line of the plugin runs: rights it will not need.
///
/// Dies with the daemon, no core files, bounds on memory and descriptors, no new privileges; no
/// system call that reaches into other processes, the kernel or the system's settings, and no UNIX
/// socket, through which it could reach the services of this machine as their user (seccomp); no
/// file but the system's libraries and programs and what it was given (Landlock). Whatever the
/// plugin starts inherits all of it.
#pragma once

#include <string>

#include "host/base/result.h"
#include "host/runner/messages.h"

namespace scanhost::runner {

/// On the process's only thread. Answers what holds: "seccomp, landlock 7"; a kernel without Landlock
/// is said so there. Any other failure is an error: a plugin is not run with less than was asked for.
Result<std::string> confine(const Hello& hello);

}  // namespace scanhost::runner
