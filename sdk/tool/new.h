// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// `scanhost-plugin new NAME --kind KIND`: a folder with a plugin that builds against the installed
/// SDK, tests itself, passes the checker and packages itself.
#pragma once

#include <filesystem>
#include <string>
#include <tl/expected.hpp>
#include <vector>

namespace CLI {
class App;
}

namespace scanhost {

struct NewPlugin {
  std::string name;              ///< "scanner-banner"
  std::string kind;              ///< a folder of sdk/template
  std::filesystem::path folder;  ///< empty: the name, in the current folder
  std::string vendor = "Example Ltd <packages@example.com>";
  std::string licence = "Proprietary";
};

/// The kinds that `new` knows, sorted.
std::vector<std::string> pluginKinds();

/// Makes the folder and answers it. Whole or not at all; one that exists is left as it is.
tl::expected<std::filesystem::path, std::string> makePlugin(const NewPlugin& wanted);

/// Adds the subcommand. It sets `exit_code`: 0 made, 1 not made, with the reason on standard error.
void addNew(CLI::App& app, int& exit_code);

}  // namespace scanhost
