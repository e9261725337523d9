// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "host/app/command_line.h"

#include "host/app/version.h"

namespace scanhost {

CommandLine::CommandLine() {
  app.set_version_flag("--version", std::string("scanhost ") + version_text);
  app.add_option("--config", file, "Configuration, YAML or INI by its ending");
  app.require_subcommand(0, 1);

  check = app.add_subcommand("check", "Validate a configuration and its plugins; exit 0 or 78");
  check->add_option("--config", file, "Configuration, YAML or INI by its ending");
  CLI::App* config = app.add_subcommand("config", "Look at configuration");
  config->require_subcommand(1);
  print_defaults = config->add_subcommand("print-defaults", "Print every key with its default");
  print_page = config->add_subcommand("print-page", "scanhost.yaml(5)");
  print_page->group("");  // for packagers, as --print-page
  migrate = config->add_subcommand(
      "migrate", "Make a configuration of the earlier service's; what changes is said on stderr");
  migrate->add_option("--scanners", migrate_options.scanners,
                      "Its scanners.yaml; by default what SCANNER_CONFIG names");
  migrate->add_option("--env", migrate_options.environment,
                      "Its variables, NAME=VALUE lines; by default those of this process");
  migrate->add_option("--output", migrate_options.output,
                      "The file to make, which must not be there; by default standard output");
  CLI::App* plugin = app.add_subcommand("plugin", "Look at plugins");
  plugin->require_subcommand(1);
  list_plugins =
      plugin->add_subcommand("list", "List the plugins in a folder, without loading any");
  list_plugins->add_option("--dir", plugin_folder,
                           "The folder; by default that beside the program");
  list_plugins->add_option("--data-dir", data_dir, "Whose crash reports are shown: node.data_dir")
      ->capture_default_str();
  CLI::App* audit = app.add_subcommand("audit", "Look at the audit ledger");
  audit->require_subcommand(1);
  verify_audit =
      audit->add_subcommand("verify", "Check that no entry was altered or removed; exit 0 or 1");
  verify_audit->add_option("folder", ledger,
                           "Of the ledger, or node.data_dir; instead of --config");
  verify_audit->add_option("--config", file, "Configuration whose node.data_dir holds it");
  verify_audit->add_flag("--partial", partial,
                         "Older files were taken away: begin with what is there");
}

}  // namespace scanhost
