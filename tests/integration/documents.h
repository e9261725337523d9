// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// The documents that a run is held to.
#pragma once

#include <set>
#include <string>

namespace scanhost::integration {

/// What a file of the sources says; nothing when there is none.
std::string sourceText(const std::string& file);

/// Names between backticks in the first column of the tables of docs/reference/metrics-and-events.md
/// that stand below `heading`. A name in the head of a table that ends in "..." is what all of its
/// names begin with.
std::set<std::string> documentedNames(const std::string& heading);

}  // namespace scanhost::integration
