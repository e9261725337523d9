// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// Files into one validated Config: the door of this folder.
///
///     const LoadOutcome outcome = loadConfig("/etc/scanhost/scanhost.yaml", processEnvironment());
///     for (const Problem& problem : outcome.problems) std::cerr << formatProblem(problem) << '\n';
///     if (!outcome.config) return 78;
///
/// The file's ending tells its form (.yaml, .yml; .ini, .conf); conf.d/*.yaml beside it is laid
/// over it in alphabetical order (maps merge, lists append, other values replace). Then `${...}` is
/// expanded, scanners_file is read, and everything is checked, so that one run names all errors.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "host/config/config.h"
#include "host/config/interpolate.h"

namespace scanhost {

struct LoadOutcome {
  std::optional<Config> config;  ///< absent exactly when a problem is an error
  std::vector<Problem> problems;
};

/// Reads files, never throws for what is in them. Any thread.
LoadOutcome loadConfig(const std::filesystem::path& path, const Environment& environment);

/// The files as the one tree that loadConfig() validates: laid over each other, expanded, with the
/// entries of scanners_file. For those who show a configuration, also one that is wrong.
struct TreeOutcome {
  std::optional<ConfigNode> tree;  ///< absent when a file cannot be read or parsed
  std::vector<Problem> problems;
};
TreeOutcome loadTree(const std::filesystem::path& path, const Environment& environment);

/// One path of a configuration, for those who need no more: what else stands there, such as secrets
/// that only the service may read, is not looked at.
struct PathOutcome {
  /// Absent exactly when a problem is an error; empty where it is not set and has no default.
  std::optional<std::filesystem::path> path;
  std::vector<Problem> problems;
};
/// `key` as in "node.data_dir".
PathOutcome loadPath(const std::filesystem::path& file, const Environment& environment,
                     const std::string& key);
/// The same of a tree that is loaded already.
std::optional<std::filesystem::path> pathIn(const ConfigNode& tree, const std::string& key,
                                            Problems& problems);

/// Which keys a reload from `before` to `after` would change.
struct ConfigChanges {
  std::vector<std::string> changed;           ///< "log.level", "scanners[nessus:scanner1]"
  std::vector<std::string> restart_required;  ///< those of them that cannot change while running
};
ConfigChanges changesBetween(const Config& before, const Config& after);

/// Every key with its meaning and default, as YAML: `scanhost config print-defaults`. Keys without
/// a default stand behind a `#` with an example; a `#` with a space after it is prose.
std::string defaultsText();

/// scanhost.yaml(5), in the format of man(7): every key with type, default and meaning.
std::string configManual(const std::string& version);

}  // namespace scanhost
