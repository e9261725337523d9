// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// What an operator may set: where the file is and what a commit waits for.
#pragma once

#include <scanhost/host.h>

#include <string>

namespace scanhost::queue_sqlite {

struct Config {
  std::string path;
  bool full = true;  ///< fsync before a caller is told
};

/// Throws PluginError (config).
Config readConfig(const Settings& settings);

}  // namespace scanhost::queue_sqlite
