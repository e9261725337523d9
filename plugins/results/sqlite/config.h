// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// What an operator may set: where the file is and what a seal waits for.
#pragma once

#include <scanhost/host.h>

#include <string>

namespace scanhost::results_sqlite {

struct Config {
  std::string path;
  bool full = true;  ///< fsync before a generation counts as sealed
};

/// Throws PluginError (config).
Config readConfig(const Settings& settings);

}  // namespace scanhost::results_sqlite
