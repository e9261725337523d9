// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// `scanhost`: runs the service, and looks at this machine's files without running it.
#include <fcntl.h>
#include <sysexits.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <iostream>

#include "host/app/audit_verify.h"
#include "host/app/config_migrate.h"
#include "host/app/crash_log.h"
#include "host/app/manual.h"
#include "host/app/node.h"
#include "host/app/own_plugins.h"
#include "host/app/run_service.h"
#include "host/app/version.h"
#include "host/config/load.h"
#include "host/config/plugin_folder.h"
#include "host/plugins/loader.h"

namespace scanhost {
namespace {

/// Started without one of the standard streams, a file of ours would get its number, and what is
/// meant for the stream.
void occupyStandardDescriptors() {
  int fd = 0;
  do fd = open("/dev/null", O_RDWR);
  while (fd >= 0 && fd <= STDERR_FILENO);
  if (fd > STDERR_FILENO) close(fd);
}

int check(const std::string& file) {
  auto config = readOrTell(file);
  if (!config || printProblems(Node(std::move(*config), file).check())) return EX_CONFIG;
  std::cout << file << ": ok\n";
  return EX_OK;
}

void printLastCrash(const CrashLog& crashes, const std::string& plugin) {
  if (const auto last = crashes.lastOf(plugin))
    std::printf("%24s  last crash: %s, %s (%zu reports)\n", "", last->reason.c_str(),
                last->time.c_str(), last->count);
}

int listPlugins(const std::string& folder, const std::string& data_dir) {
  const std::filesystem::path from =
      folder.empty() ? defaultPluginFolder() : std::filesystem::path(folder);
  if (!std::filesystem::is_directory(from)) {
    std::cerr << "scanhost: " << from.string()
              << " is no folder; --dir names that of the plugins\n";
    return EX_NOINPUT;
  }
  const PluginLoader loader({.folder = from});
  const CrashLog crashes(std::filesystem::path(data_dir) / "crashes");
  bool all_usable = true;
  for (const DiscoveredPlugin& plugin : loader.discover()) {
    if (!plugin.manifest) {
      std::printf("%-24s  -         not usable: %s\n", plugin.file.c_str(), plugin.problem.c_str());
      all_usable = false;
      continue;
    }
    const Manifest& manifest = *plugin.manifest;
    std::printf("%-24s  %-8s  %s, %s\n", manifest.name.c_str(), manifest.version.c_str(),
                manifest.vendor.c_str(), manifest.licence.c_str());
    for (const auto& provided : manifest.provides)
      std::printf("%24s  provides %s (%s)\n", "", provided.interface_id.c_str(),
                  provided.revision == 0 ? "stable"
                                         : ("draft " + std::to_string(provided.revision)).c_str());
    std::printf("%24s  sha256 %s%s\n", "", plugin.sha256.c_str(),
                isOwnPlugin(manifest.name, plugin.sha256) ? " (built with this scanhost)" : "");
    printLastCrash(crashes, manifest.name);
    if (plugin.problem.empty()) continue;
    std::printf("%24s  not usable: %s\n", "", plugin.problem.c_str());
    all_usable = false;
  }
  return all_usable ? EX_OK : 1;
}

int main(int argc, char** argv) {
  occupyStandardDescriptors();
  CLI::App app("scanhost: vulnerability scans, launched exactly once, through plugins");
  app.set_version_flag("--version", std::string("scanhost ") + version_text);
  const pages::PageTexts page_texts = programManual();
  std::string page;
  pages::addPageOption(app, page_texts, page);
  std::string file;
  app.add_option("--config", file, "Configuration, YAML or INI by its ending");
  app.require_subcommand(0, 1);

  CLI::App* check_command =
      app.add_subcommand("check", "Validate a configuration and its plugins; exit 0 or 78");
  check_command->add_option("--config", file, "Configuration, YAML or INI by its ending");
  CLI::App* config_command = app.add_subcommand("config", "Look at configuration");
  config_command->require_subcommand(1);
  CLI::App* defaults =
      config_command->add_subcommand("print-defaults", "Print every key with its default");
  CLI::App* config_page = config_command->add_subcommand("print-page", "scanhost.yaml(5)");
  config_page->group("");  // for packagers, as --print-page
  MigrateOptions migrate_options;
  CLI::App* migrate = config_command->add_subcommand(
      "migrate", "Make a configuration of the earlier service's; what changes is said on stderr");
  migrate->add_option("--scanners", migrate_options.scanners,
                      "Its scanners.yaml; by default what SCANNER_CONFIG names");
  migrate->add_option("--env", migrate_options.environment,
                      "Its variables, NAME=VALUE lines; by default those of this process");
  migrate->add_option("--output", migrate_options.output,
                      "The file to make, which must not be there; by default standard output");
  CLI::App* plugin_command = app.add_subcommand("plugin", "Look at plugins");
  plugin_command->require_subcommand(1);
  std::string folder, data_dir = "/var/lib/scanhost";
  CLI::App* list =
      plugin_command->add_subcommand("list", "List the plugins in a folder, without loading any");
  list->add_option("--dir", folder, "The folder; by default that beside the program");
  list->add_option("--data-dir", data_dir, "Whose crash reports are shown: node.data_dir")
      ->capture_default_str();
  CLI::App* audit_command = app.add_subcommand("audit", "Look at the audit ledger");
  audit_command->require_subcommand(1);
  std::string ledger;
  bool partial = false;
  CLI::App* verify = audit_command->add_subcommand(
      "verify", "Check that no entry was altered or removed; exit 0 or 1");
  verify->add_option("folder", ledger, "Of the ledger, or node.data_dir; instead of --config");
  verify->add_option("--config", file, "Configuration whose node.data_dir holds it");
  verify->add_flag("--partial", partial, "Older files were taken away: begin with what is there");
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    std::cout << page;
    return app.exit(error) == 0 ? EX_OK : EX_USAGE;
  }

  if (*defaults) {
    std::cout << defaultsText();
    return EX_OK;
  }
  if (*config_page) {
    std::cout << configManual(version_text);
    return EX_OK;
  }
  if (*migrate) return migrateConfigFiles(migrate_options);
  if (*list) return listPlugins(folder, data_dir);
  const auto start = partial ? LedgerStart::anywhere : LedgerStart::first_entry;
  if (*verify && !ledger.empty()) return verifyAudit(ledger, start);
  if (file.empty()) {
    std::cerr << "scanhost: --config FILE is needed; `scanhost config print-defaults` shows what "
                 "it may hold\n";
    return EX_USAGE;
  }
  if (*verify) {
    const auto config = readOrTell(file);
    return config ? verifyAudit(config->node.data_dir, start) : EX_CONFIG;
  }
  return *check_command ? check(file) : runService(file);
}

}  // namespace
}  // namespace scanhost

int main(int argc, char** argv) {
  return scanhost::main(argc, argv);
}
