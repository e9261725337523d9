// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// `scanhost-plugin check FILE.so`: proves that a plugin keeps the contract of what it provides, by
/// the same cases that scanhost's own plugins pass.
#pragma once

namespace CLI {
class App;
}

namespace scanhost {

/// Adds the subcommand. It sets `exit_code`: 0 every case passed, 1 one failed or the host would
/// refuse the plugin, 2 it cannot be read or checked.
void addCheck(CLI::App& app, int& exit_code);

}  // namespace scanhost
