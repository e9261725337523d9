// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// The fields of a finding by name: one table that filters, projection, sorting, rendering and the
/// results plugins' queries share, so that a field added here is known to all of them.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "host/base/result.h"
#include "host/base/time.h"
#include "host/findings/finding.h"

namespace scanhost {

/// How a field is compared.
enum class FieldKind {
  number,      ///< numerically, though severity and port are served as text
  identifier,  ///< equal or not
  text,
  list,  ///< as text, any element
  boolean,
  timestamp,
  object  ///< served, but neither filtered nor sorted by
};

/// Each serves all that the one before it serves.
enum class Profile { minimal, summary, brief, full };

/// Borrowed from the finding; std::monostate when the finding lacks the field.
using FieldValue = std::variant<std::monostate, std::string_view, double, bool, Timestamp,
                                const std::vector<std::string>*, const Pairs*>;

struct Field {
  std::string_view name;
  std::string_view alias;  ///< a second name that clients may use; empty for most
  FieldKind kind;
  Profile profile;  ///< the smallest that serves it
  bool untrusted;   ///< holds free text from scanner or target
  FieldValue (*read)(const Finding&);
};

/// In the order in which a line shows them.
std::span<const Field> findingFields();
/// By name or alias; nothing when there is none.
const Field* findField(std::string_view name);
std::vector<std::string> fieldNames();
/// "unknown field 'x'; did you mean 'y'? Known: ..."
Error unknownField(std::string_view name);

/// The value as a number: a score, the digits of severity or port, microseconds of a timestamp.
std::optional<double> numberOf(const FieldValue& value);

}  // namespace scanhost
