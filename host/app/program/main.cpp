// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// `scanhost`: runs the service, and looks at this machine's files without running it.
#include <fcntl.h>
#include <sysexits.h>
#include <unistd.h>

#include <cstdio>
#include <iostream>

#include "host/app/audit_verify.h"
#include "host/app/command_line.h"
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
  CommandLine asked;
  const pages::PageTexts page_texts = programManual();
  std::string page;
  pages::addPageOption(asked.app, page_texts, page);
  try {
    asked.app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    std::cout << page;
    return asked.app.exit(error) == 0 ? EX_OK : EX_USAGE;
  }

  if (*asked.print_defaults) {
    std::cout << defaultsText();
    return EX_OK;
  }
  if (*asked.print_page) {
    std::cout << configManual(version_text);
    return EX_OK;
  }
  if (*asked.migrate) return migrateConfigFiles(asked.migrate_options);
  if (*asked.list_plugins) return listPlugins(asked.plugin_folder, asked.data_dir);
  const auto start = asked.partial ? LedgerStart::anywhere : LedgerStart::first_entry;
  if (*asked.verify_audit && !asked.ledger.empty()) return verifyAudit(asked.ledger, start);
  if (asked.file.empty()) {
    std::cerr << "scanhost: --config FILE is needed; `scanhost config print-defaults` shows what "
                 "it may hold\n";
    return EX_USAGE;
  }
  if (*asked.verify_audit) {
    const PathOutcome ledger_of = loadPath(asked.file, processEnvironment(), "node.data_dir");
    printProblems(ledger_of.problems);
    return ledger_of.path ? verifyAudit(*ledger_of.path, start) : EX_CONFIG;
  }
  return *asked.check ? check(asked.file) : runService(asked.file);
}

}  // namespace
}  // namespace scanhost

int main(int argc, char** argv) {
  return scanhost::main(argc, argv);
}
