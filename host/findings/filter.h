// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// `filters` of get_scan_results: parsed once into typed conditions, which a results plugin
/// evaluates in its store and `matches` evaluates in place, with the same meaning.
///
/// Conditions hold over whole findings, whatever is shown of them afterwards.
#pragma once

#include <scanhost/json.h>

#include <string>
#include <variant>
#include <vector>

#include "host/base/result.h"
#include "host/findings/fields.h"

namespace scanhost {

/// The values are those of the ABI (SCANHOST_OP_*).
enum class Operator : int { equal = 0, contains, less, less_equal, greater, greater_equal };

struct Operand {
  Operator op = Operator::equal;
  /// Numbers for numbers and timestamps (microseconds), text for the rest.
  std::variant<double, bool, std::string> value;
};

/// Holds when any operand does. Text is compared without regard to ASCII case; a field that a
/// finding lacks never matches.
struct Condition {
  const Field* field = nullptr;  ///< of the table, never null
  std::vector<Operand> operands;
};

/// Null and {} mean no condition. Errors name the key, list the known fields or show the form.
/// `severity_name` becomes conditions on `severity`, so that a store need not know the names.
Result<std::vector<Condition>> parseFilters(const Json& filters);

/// All conditions hold.
bool matches(const Finding& finding, const std::vector<Condition>& conditions);

}  // namespace scanhost
