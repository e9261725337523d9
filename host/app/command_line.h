// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// The command line of `scanhost`: what it may say, and where that ends up once `app` has parsed
/// it. Parsing runs nothing.
#pragma once

#include <CLI/CLI.hpp>
#include <string>

#include "host/app/config_migrate.h"

namespace scanhost {

struct CommandLine {
  CommandLine();
  CommandLine(const CommandLine&) = delete;  // app holds the addresses of the others
  CommandLine& operator=(const CommandLine&) = delete;

  CLI::App app{"scanhost: vulnerability scans, launched exactly once, through plugins"};
  CLI::App *check, *print_defaults, *print_page, *migrate, *list_plugins, *verify_audit;

  std::string file;  ///< of the configuration
  MigrateOptions migrate_options;
  std::string plugin_folder;  ///< empty: that beside the program
  std::string data_dir = "/var/lib/scanhost";
  std::string ledger;  ///< empty: that of the configuration
  bool partial = false;
};

}  // namespace scanhost
