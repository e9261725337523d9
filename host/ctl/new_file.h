// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <string_view>

namespace scanhost::ctl {

/// Makes a file that its owner alone may read, whole or not at all: it is removed when it cannot be
/// written to its end, and when SIGINT, SIGTERM or SIGHUP comes meanwhile, which is then obeyed.
/// Never overwrites. Throws UsageError where the name cannot be had, std::runtime_error else. For a
/// program with one thread.
void writeNewFile(const std::filesystem::path& file, std::string_view bytes);

/// Throws the UsageError that writeNewFile() would, as far as it can be told before.
void checkNewFile(const std::filesystem::path& file);

}  // namespace scanhost::ctl
