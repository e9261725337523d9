// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// Takes a value apart where `${...}` stands in it; what a reference means is for its reader.
///
///     "https://${env:HOST:-${env:NAME}}/$${x}"   text, reference "env:HOST:-${env:NAME}", text
///     "/${x}"
///
/// Pure functions, any thread. Messages do not hold what stands in the value.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "host/base/result.h"

namespace scanhost {

/// References may stand in the default of another; deeper than this they are refused.
constexpr int max_reference_nesting = 8;

struct TextPiece {
  enum class Kind { text, reference };
  Kind kind = Kind::text;
  std::string text;  ///< as it is meant, or what stands between `${` and its `}`
};

/// Text pieces are never empty, nor next to each other.
Result<std::vector<TextPiece>> splitReferences(std::string_view text);

/// "NAME" or "NAME:-default".
struct VariableReference {
  std::string name;
  std::optional<std::string> fallback;  ///< may hold references
};
Result<VariableReference> readVariable(std::string_view inside);

/// Letters, digits and '_', no digit first.
bool isVariableName(std::string_view name);

/// So that it is taken as it stands: "${" becomes "$${".
std::string escapeReferences(std::string_view text);

}  // namespace scanhost
