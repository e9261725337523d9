// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "host/app/config_migrate.h"

#include <sysexits.h>
#include <unistd.h>

#include <iostream>
#include <utility>

#include "host/app/run_service.h"
#include "host/base/durable_file.h"
#include "host/config/migrate.h"
#include "host/config/source_file.h"

namespace scanhost {
namespace {

int tell(int exit_code, const std::string& message) {
  std::cerr << "scanhost: " << message << '\n';
  return exit_code;
}

/// The text, or the exit code after the reason was told.
tl::expected<std::string, int> readOrTellWhy(const std::string& file) {
  Result<SourceFile> source = readSourceFile(file, ConfigLimits::file_bytes);
  if (source) return std::move(source->text);
  std::error_code none;
  const bool readable =
      std::filesystem::is_regular_file(file, none) && access(file.c_str(), R_OK) == 0;
  return tl::unexpected(
      tell(readable ? EX_CONFIG : EX_NOINPUT, file + ": " + source.error().message));
}

tl::expected<EarlierEnvironment, int> readVariables(const std::string& file,
                                                    MigrationNotes& notes) {
  if (file.empty()) return earlierEnvironment(processEnvironment());
  const auto text = readOrTellWhy(file);
  if (!text) return tl::unexpected(text.error());
  Problems problems;
  EarlierEnvironment variables = readEnvironmentFile(*text, file, notes, problems);
  if (printProblems(problems.take())) return tl::unexpected(EX_CONFIG);
  return variables;
}

int write(const std::string& text, const std::string& output) {
  if (output.empty()) {
    std::cout << text << std::flush;
    return std::cout ? EX_OK : tell(EX_IOERR, "standard output takes nothing");
  }
  if (const Status made = createDurably(output, text, 0600); !made)
    return tell(EX_CANTCREAT, made.error().message);
  return EX_OK;
}

}  // namespace

int migrateConfigFiles(const MigrateOptions& options) {
  const std::string ending = std::filesystem::path(options.output).extension();
  if (!options.output.empty() && ending != ".yaml" && ending != ".yml")
    return tell(EX_USAGE, "--output " + options.output + ": name it .yaml, by which it is read");
  MigrationNotes notes;
  const auto variables = readVariables(options.environment, notes);
  if (!variables) return variables.error();
  const EarlierVariable* named = variables->find("SCANNER_CONFIG");
  if (options.scanners.empty() && !named)
    return tell(EX_USAGE, "--scanners FILE is needed where SCANNER_CONFIG is not set");
  const std::string scanners = options.scanners.empty() ? named->value : options.scanners;
  const auto text = readOrTellWhy(scanners);
  if (!text) return text.error();
  MigrationOutcome outcome = migrateConfig(*text, scanners, *variables, std::move(notes));
  if (printProblems(outcome.problems)) return EX_CONFIG;
  if (const int failed = write(*outcome.text, options.output)) return failed;
  for (const MigrationNote& note : outcome.notes) std::cerr << formatNote(note) << '\n';
  return EX_OK;
}

}  // namespace scanhost
