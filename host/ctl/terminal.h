// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// What the terminal can do, and what people type at it unseen.
#pragma once

#include <cstddef>
#include <string>

namespace scanhost::ctl {

enum class Stream { standard_output, standard_error };

bool isTerminal(Stream stream);
/// A terminal on which a line can be drawn anew (TERM set and not "dumb").
bool canRedraw(Stream stream);
/// As canRedraw(), and nobody asked for NO_COLOR.
bool canColour(Stream stream);
/// Columns of the terminal at standard output; 0 when it is none or does not say.
std::size_t terminalWidth();

/// A secret from the terminal, without echo, after showing `prompt`; where standard input is no
/// terminal, its first line. Throws UsageError when nothing comes.
std::string readSecret(const std::string& prompt);

/// A secret that stands alone in a file: one line, at most 64 KiB. Throws UsageError that names
/// the file. Warns on standard error when others can read it.
std::string readSecretFile(const std::string& path, const std::string& what);

}  // namespace scanhost::ctl
