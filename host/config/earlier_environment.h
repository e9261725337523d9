// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// The variables that the earlier service was started with, each with where it was set.
///
/// A file of NAME=VALUE lines, as containers and service managers take it: empty lines and lines
/// that begin with '#' or ';' are skipped, `export ` may stand before a name, a value may stand in
/// single or double quotes (a backslash escapes in the latter). As in a shell, what follows a blank
/// and '#' after a value is a comment. Nothing is expanded, no value spans lines.
#pragma once

#include <map>
#include <string>

#include "host/config/interpolate.h"
#include "host/config/migration_notes.h"

namespace scanhost {

struct EarlierVariable {
  std::string name;
  std::string value;
  Place at;  ///< empty: it is of a process's environment

  /// For messages about what it holds: its line, or "NAME in the environment".
  Place place() const;
  /// For notes: "NAME (service.env:3)", or the name alone.
  std::string where() const;
};

struct EarlierEnvironment {
  std::map<std::string, EarlierVariable> variables;
  bool of_service = false;  ///< a file of its own; else the variables of the shell are among them

  /// Null when it is unset or empty, which the earlier service took for the same.
  const EarlierVariable* find(const std::string& name) const;
  Environment values() const;
};

EarlierEnvironment earlierEnvironment(const Environment& of_process);

/// Of a file's text. A name that is set twice has its last value, and a note says so. Any thread.
EarlierEnvironment readEnvironmentFile(const std::string& text, const std::string& file,
                                       MigrationNotes& notes, Problems& problems);

}  // namespace scanhost
