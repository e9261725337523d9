// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// "Did you mean ...?": the known name nearest to one that is not known.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace scanhost {

/// The candidate with the least edit distance; empty when none is within half of `name`'s length.
std::string nearestName(std::string_view name, const std::vector<std::string>& candidates);

/// "a, b, c"
std::string joinNames(const std::vector<std::string>& names, std::string_view separator = ", ");

}  // namespace scanhost
