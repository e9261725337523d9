// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// The service from its configuration to its end: signals, the word to the service manager, and
/// what people read on standard error.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "host/config/load.h"

namespace scanhost {

/// Runs until SIGTERM or SIGINT; SIGHUP reloads. Answers an exit code of <sysexits.h>. One per
/// process, from its main thread, before any other.
int runService(const std::string& config_file);

/// What is wrong goes to standard error; empty where an error is among it.
std::optional<Config> readOrTell(const std::string& config_file);

/// To standard error, a line each; whether one is an error.
bool printProblems(const std::vector<Problem>& problems);

}  // namespace scanhost
