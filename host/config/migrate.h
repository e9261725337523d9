// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// The earlier service's scanner file and environment into a configuration of scanhost, and what
/// changes by it: the inside of `scanhost config migrate`.
///
///     const auto outcome = migrateConfig(text, "scanners.yaml", environment, std::move(notes));
///     if (outcome.text) write(*outcome.text);
///
/// The new file does what packaging/compat.yaml does with the same variables, but for the targets:
/// nothing may be scanned until someone names them. It holds no secret, and neither does a note or
/// a problem. What loadConfig() would refuse is a problem at its place in the earlier files, except
/// for what it would read from files and variables that are not there yet.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "host/config/earlier_environment.h"
#include "host/config/migration_notes.h"

namespace scanhost {

struct MigrationOutcome {
  std::optional<std::string> text;  ///< YAML; absent exactly when a problem is an error
  std::vector<MigrationNote> notes;
  std::vector<Problem> problems;
};

/// `scanners` is the text of the file called `file`; `notes` are those of reading the environment.
/// Looks at files only where a value is a `${file:...}`, and keeps nothing of them. Any thread.
MigrationOutcome migrateConfig(const std::string& scanners, const std::string& file,
                               const EarlierEnvironment& environment, MigrationNotes notes);

}  // namespace scanhost
