// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// The new configuration while `scanhost config migrate` puts it together, and all that is to be
/// said about it. Each part of the migration works on the one draft; none is shared by threads.
#pragma once

#include <map>
#include <set>
#include <string>

#include "host/config/earlier_environment.h"
#include "host/config/migration_notes.h"
#include "host/config/yaml_writer.h"

namespace scanhost {

/// The files that operators are to put secrets into.
class SecretFiles {
 public:
  /// "/etc/scanhost/secrets/<owner>-<key>"; a name that is taken gets a number.
  std::string next(const std::string& owner, const std::string& key);

 private:
  std::set<std::string> taken_;
};

/// How the new file reads a variable.
struct VariableReading {
  Place first;
  bool required = false;  ///< somewhere it stands without a default
};

struct MigrationDraft {
  ConfigNode tree;  ///< its places are those of the earlier files, for what is wrong with a value
  YamlComments comments;
  MigrationNotes notes;
  Problems problems;
  SecretFiles secrets;
  std::map<std::string, VariableReading> variables;  ///< those in `${env:NAME}`
};

}  // namespace scanhost
