// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// Our programs' own command lines, asked whether they take what a document shows. Nothing is run:
/// the descriptions that the programs parse by are parsed by, and that is all.
#pragma once

#include <optional>
#include <string>
#include <vector>

namespace scanhost::docs {

/// Whether that is the name of a program of ours, with or without a folder.
bool isOurs(const std::string& program);

/// Why the program named by the first word refuses these; nothing when it takes them.
std::optional<std::string> refusalOf(const std::vector<std::string>& words);

/// Whether this machine has a program that is not ours.
bool isHere(const std::string& program);

}  // namespace scanhost::docs
