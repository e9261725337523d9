// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// Asks a scanner's program for its version: is it there, and is it what it should be?
#pragma once

#include <scanhost/process.h>

#include <string>
#include <string_view>

namespace scanhost::local_scan {

/// What stands after `before` in what the program says when run as `spec`, up to a space. Throws
/// PluginError (config, of the backend), naming `program_name`, when it says no such thing.
std::string programVersion(const Host& host, Call& call, ProgramSpec spec, std::string_view before,
                           std::string_view program_name);

}  // namespace scanhost::local_scan
