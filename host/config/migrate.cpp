// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "host/config/migrate.h"

#include <memory>
#include <utility>

#include "host/config/checks.h"
#include "host/config/migrate_environment.h"
#include "host/config/migrate_scanners.h"
#include "host/config/scanners_file.h"
#include "host/config/tree_reader.h"
#include "host/config/yaml_reader.h"

namespace scanhost {
namespace {

/// What the new file holds whatever the earlier ones say, in the order of the new file.
constexpr const char* frame =
    "node: {data_dir: /var/lib/scanhost}\n"
    "http: {listen: '127.0.0.1:8835'}\n"
    "auth: {mode: none}\n"
    "queue: {plugin: queue-sqlite}\n"
    "results: {plugin: results-sqlite}\n"
    "transports: [{plugin: transport-mcp, config: {path: /mcp, errors: result}}]\n"
    "exporters:\n"
    "- {plugin: exporter-prometheus, config: {path: /metrics}}\n"
    "- {plugin: exporter-jsonlog, config: {output: stdout}}\n"
    "scanners:\n"
    "policy: {targets: {allow: []}}\n"
    "housekeeping: {stale_remote_delete: true}\n"
    "log: {level: info}\n";

void frameDraft(MigrationDraft& draft) {
  const auto file = std::make_shared<const std::string>("the migrated configuration");
  draft.tree = readYaml(frame, file, draft.problems).value_or(ConfigNode());
  draft.comments = {
      {"http", "the earlier service's port; beyond this machine: http.tls and auth.mode"},
      {"transports[0]", "the earlier service's tools, at its path"},
      {"transports[0].config.errors", "errors as the earlier clients expect them"},
      {"exporters[0]", "the earlier service's path"},
      {"exporters[1]", "the earlier service's events"},
      {"policy.targets.allow",
       "nothing may be scanned until your networks stand here: [\"10.0.0.0/8\", \"192.0.2.7\"]"},
      {"housekeeping.stale_remote_delete", "the earlier service's default"},
      {"node.data_dir", "scanhost's default"},
      {"log.level", "the earlier service's default"},
  };
}

/// What holds for every migration.
void tellWhatDiffers(MigrationNotes& notes) {
  notes.decide("policy.targets.allow",
               "is empty, so nothing may be scanned; put your networks there, for the earlier "
               "service scanned whatever it was given");
  notes.changed("http.listen",
                "127.0.0.1:8835 is reached from this machine alone; the earlier service listened "
                "everywhere and asked nobody who they are");
  notes.decide("http.listen",
               "for clients on other machines name http.tls and set auth.mode: token, or put a "
               "proxy that adds TLS before it");
  notes.changed("environment",
                "scanhost reads no variable but those that the new file names by ${env:...}");
  notes.changed("metrics",
                "on http.listen at /metrics; the eight nessus_* are as before, others are "
                "scanhost_* now");
  notes.changed("tasks",
                "a failed login of a scan fails its task, failures are tried again by their class, "
                "and timestamps end in Z");
}

/// As loadConfig() would, with the places of the earlier files.
void checkDraft(const ConfigNode& tree, const Environment& environment, Problems& problems) {
  ConfigNode expanded = tree;
  Problems not_there_yet;
  expandTree(expanded, environment, ExpansionForm::current, not_there_yet);
  const Config config = readTree(expanded, problems);
  if (!problems.anyError()) checkConfig(config, expanded, false, problems);
}

std::vector<Problem> errorsOf(Problems& problems) {
  std::vector<Problem> all = problems.take();
  std::erase_if(all, [](const Problem& one) { return one.severity == ProblemSeverity::warning; });
  return all;
}

}  // namespace

MigrationOutcome migrateConfig(const std::string& scanners, const std::string& file,
                               const EarlierEnvironment& environment, MigrationNotes notes) {
  MigrationDraft draft;
  draft.notes = std::move(notes);
  frameDraft(draft);
  tellWhatDiffers(draft.notes);
  auto tree = readYaml(scanners, std::make_shared<const std::string>(file), draft.problems);
  if (tree) migrateScanners(earlierEntries(std::move(*tree), draft.problems), draft);
  migrateEnvironment(environment, draft);
  if (!draft.problems.anyError()) checkDraft(draft.tree, environment.values(), draft.problems);
  if (draft.problems.anyError()) return {std::nullopt, {}, errorsOf(draft.problems)};
  const std::string head =
      "# By `scanhost config migrate`, of the earlier service's scanners and environment.\n"
      "# A comment says where a part came from; a part without one is scanhost's default.\n";
  return {head + writeYaml(draft.tree, draft.comments), draft.notes.take(), {}};
}

}  // namespace scanhost
