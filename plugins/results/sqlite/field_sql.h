// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// How each field of docs/reference/findings.md is asked for in SQL. The names in a query come from
/// outside: only what this table knows gets into a statement, and never as text of the caller's.
///
/// Table names in expressions: f findings, t texts, s sightings, g generations.
#pragma once

#include <string_view>

namespace scanhost::results_sqlite {

enum class FieldType {
  number,  ///< NULL when absent
  text,    ///< '' when absent
  list,    ///< a JSON array
  object,  ///< told, but neither filtered nor sorted by
};

/// Beyond `findings`, which table an expression or a field needs.
struct Needs {
  bool texts = false;
  bool sightings = false;

  Needs& operator|=(const Needs& other) {
    texts = texts || other.texts;
    sightings = sightings || other.sightings;
    return *this;
  }
};

struct FieldSql {
  std::string_view name;
  FieldType type;
  std::string_view expression;
  Needs needs = {};
  bool always = false;  ///< no finding lacks it
};

/// Throws PluginError (unsupported) that names a field which is not known.
const FieldSql& fieldSql(std::string_view name);

}  // namespace scanhost::results_sqlite
