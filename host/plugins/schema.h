// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// Settings held against the JSON Schema of a plugin's manifest.
///
/// The subset of JSON Schema 2020-12 that is understood is listed in docs/reference/abi.md. A
/// schema that uses any other keyword is refused by name, for a check that is silently left out is
/// worse than none. A schema is compiled once; checking is const and may be done from any thread.
///
///     Result<Schema> schema = Schema::compile(manifest.config_schema);
///     CheckedSettings checked = schema->check(settings);
///     for (const SettingProblem& problem : checked.problems) ...
#pragma once

#include <scanhost/json.h>

#include <memory>
#include <string>
#include <vector>

#include "host/base/result.h"

namespace scanhost {

/// One thing that is wrong with settings.
struct SettingProblem {
  std::string pointer;  ///< JSON pointer (RFC 6901) to the value, "" for the whole
  std::string message;  ///< found value (never of an x-secret member), expected, remedy
};

struct CheckedSettings {
  Json values;  ///< the settings with defaults filled in; meaningful when there are no problems
  std::vector<SettingProblem> problems;  ///< all of them, in the order of the schema
};

/// Whether a change of a setting needs a restart: the annotation x-reload.
enum class ReloadKind { restart, live };

class Schema {
 public:
  /// The error names the keyword and where it stands.
  static Result<Schema> compile(const Json& schema);

  Schema(Schema&&) noexcept;
  Schema& operator=(Schema&&) noexcept;
  ~Schema();

  CheckedSettings check(const Json& settings) const;

  /// Pointers of all members marked x-secret, for redaction; "*" stands for a list's items.
  const std::vector<std::string>& secretPointers() const;
  /// Of a top-level member; restart when the schema does not say.
  ReloadKind reloadKind(std::string_view member) const;

  struct Node;

 private:
  Schema();

  std::unique_ptr<const Node> root_;
  std::vector<std::string> secrets_;
};

/// The reference token of a JSON pointer for a member's name.
std::string pointerToken(std::string_view name);

}  // namespace scanhost
