// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// `scanhost-plugin check FILE.so`: tries to catch a plugin breaking the contract of what it
/// provides; `scanhost-plugin record` takes what it is played. Both are done by
/// scanhost-plugin-checks (tests/conformance), which plays a whole host.
#pragma once

namespace CLI {
class App;
}

namespace scanhost {

/// Adds the subcommand. It sets `exit_code`: 0 every case passed, 1 one failed or the host would
/// refuse the plugin, 2 it cannot be read or checked.
void addCheck(CLI::App& app, int& exit_code);
/// The same; 0 when recorded, 2 when not.
void addRecord(CLI::App& app, int& exit_code);

}  // namespace scanhost
