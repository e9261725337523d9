// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// Gathers what a helper needs to understand an installation, and nothing secret.
///
/// All of it is held in memory until it is scrubbed, so that what is interrupted leaves nothing
/// behind. The configuration comes first: it tells which secrets to look for in all that follows.
#include <unistd.h>

#include <cstdlib>
#include <iostream>
#include <optional>
#include <stdexcept>

#include "host/base/escape.h"
#include "host/config/load.h"
#include "host/config/plugin_folder.h"
#include "host/ctl/archive.h"
#include "host/ctl/crash_files.h"
#include "host/ctl/event_lines.h"
#include "host/ctl/examination.h"
#include "host/ctl/exit_code.h"
#include "host/ctl/interrupt.h"
#include "host/ctl/new_file.h"
#include "host/ctl/operator_call.h"
#include "host/ctl/output.h"
#include "host/ctl/plugin_schemas.h"
#include "host/ctl/shown_configuration.h"
#include "host/ctl/sibling.h"
#include "host/ctl/support_bundle.h"
#include "host/ctl/system_facts.h"
#include "host/ctl/terminal.h"
#include "host/ctl/verbs.h"

namespace scanhost::ctl {
namespace {

constexpr const char* default_config = "/etc/scanhost/scanhost.yaml";
constexpr const char* secrets_unknown =
    "; its secrets could not be looked for in what else is here";
constexpr std::size_t max_crashes = 20;
constexpr ChildLimits sibling_limits = {.output_bytes = 1u << 20};

/// "scanhost-support-20261124T104843Z"
std::string nameOf(Timestamp time) {
  std::string name = "scanhost-support-";
  for (const char c : formatTimestamp(time)) {
    if (c == '.') break;
    if (c != '-' && c != ':') name += c;
  }
  return name + "Z";
}

std::string saidBy(const ChildOutcome& outcome) {
  if (!outcome.started) throw std::runtime_error(outcome.output);
  return outcome.output + (outcome.timed_out
                               ? "did not end in time\n"
                               : "exit code " + std::to_string(outcome.exit_code) + "\n");
}

class Gathering {
 public:
  Gathering(const SupportBundleCommand& command, const CommonOptions& common)
      : command_(command), common_(common) {}

  SupportBundle run() {
    rememberOwnToken();
    readConfiguration();
    gatherMachine();
    gatherService();
    return std::move(bundle_);
  }

 private:
  using Kind = DocumentKind;
  using Content = SupportBundle::Content;

  /// The token that this program shows, which need not look like one.
  void rememberOwnToken() {
    if (const char* token = std::getenv("SCANHOST_TOKEN")) bundle_.secrets().remember(token);
    if (!common_.token_file.empty())
      bundle_.secrets().remember(readSecretFile(common_.token_file, "token"));
  }

  void readConfiguration() {
    const char* const name = "configuration.json";
    const char* const about = "the configuration with its defaults";
    config_ = command_.config;
    if (config_.empty() && ::access(default_config, R_OK) == 0) config_ = default_config;
    if (config_.empty())
      return bundle_.addMissing(
          name, about,
          default_config + (" is not there or not for this user; name it by --config FILE" +
                            std::string(secrets_unknown)));
    const TreeOutcome outcome = loadTree(config_, processEnvironment());
    std::string problems;
    for (const Problem& problem : outcome.problems) problems += formatProblem(problem) + "\n";
    if (!problems.empty())
      bundle_.add("configuration-problems.txt",
                  "what is wrong with its files; values of references that cannot be expanded here "
                  "were not looked for",
                  Kind::service, problems);
    if (!outcome.tree)
      return bundle_.addMissing(
          name, about, "its files cannot be read to their end" + std::string(secrets_unknown));
    Problems told_already;
    data_dir_ = pathIn(*outcome.tree, "node.data_dir", told_already).value_or(data_dir_);
    plugin_dir_ = pathIn(*outcome.tree, "plugins.dir", told_already).value_or("");
    if (plugin_dir_.empty()) plugin_dir_ = defaultPluginFolder();
    PluginSchemas schemas(plugin_dir_);
    bundle_.add(name, about, Kind::configuration,
                showConfiguration(
                    *outcome.tree, processEnvironment(),
                    [&](const std::string& plugin) { return schemas.of(plugin); },
                    command_.with_targets ? PolicyTargets::shown : PolicyTargets::left_out,
                    bundle_.secrets()));
  }

  void gatherMachine() {
    bundle_.gather("versions.txt", "versions of the programs", Kind::service, [] {
      return Content("scanhostctl " SCANHOST_VERSION "\n" +
                     runSibling("scanhost", {"--version"}).output);
    });
    bundle_.gather("system.json", "this machine", Kind::service,
                   [this] { return Content(systemFacts(data_dir_)); });
    bundle_.gather("plugins.txt", "plugins with versions and digests", Kind::service, [this] {
      return Content(saidBy(runSibling(
          "scanhost",
          {"plugin", "list", "--dir", plugin_dir_.string(), "--data-dir", data_dir_.string()},
          sibling_limits)));
    });
    bundle_.gather("audit.txt", "whether the audit ledger is whole", Kind::service, [this] {
      return Content(
          saidBy(runSibling("scanhost", {"audit", "verify", data_dir_.string()}, sibling_limits)));
    });
    gatherCrashes();
    gatherEvents();
  }

  void gatherEvents() {
    const char* const name = "events.jsonl";
    if (!command_.events.empty())
      return bundle_.gather(name, "the last events", Kind::scans,
                            [this] { return Content(eventsOfFile(command_.events)); });
    const OtherLines others = command_.with_targets ? OtherLines::shown : OtherLines::left_out;
    bundle_.gather(name,
                   others == OtherLines::shown
                       ? "the last lines of the journal"
                       : "the last events of the journal; its lines that are none are left out, "
                         "--with-targets takes them along",
                   Kind::scans, [others] { return Content(eventsOfJournal(others)); });
  }

  void gatherCrashes() {
    try {
      for (CrashFile& crash : readCrashFiles(data_dir_ / "crashes", max_crashes))
        bundle_.add("crashes/" + std::to_string(++crashes_) + ".json",
                    "crash report " + forTerminal(crash.name), Kind::scans,
                    std::move(crash.report));
    } catch (const std::exception& error) {
      bundle_.addMissing("crashes/", "crash reports of plugins", error.what());
    }
  }

  /// A service that cannot be reached is asked once, not ten times.
  void gatherService() {
    const Examination examination = examine(config_, common_);
    Json checks = Json::array();
    for (const Json& check : examination.checks) checks.push(check);
    bundle_.add("doctor.json", "what doctor finds", Kind::service, std::move(checks));
    try {
      client::Client client = connectToExamine(common_);
      client.probe("/livez");
      gatherProbes(client);
      gatherListings(client);
    } catch (const std::exception& error) {
      bundle_.addMissing("health.json and others", "what the service says of itself",
                         outcomeOf(error).message);
      return;
    }
    gatherDeadLetters();
  }

  void gatherProbes(client::Client& client) {
    for (const char* path : {"/health", "/livez", "/readyz"})
      bundle_.gather(
          std::string(path + 1) + ".json", std::string("answer of ") + path, Kind::service, [&] {
            const client::ProbeAnswer answer = client.probe(path);
            const auto body = Json::tryParse(answer.body);
            return Content(Json::object(
                {{"http_status", answer.http_status}, {"body", body ? *body : Json(answer.body)}}));
          });
    bundle_.gather("metrics.txt", "answer of /metrics", Kind::service, [&] {
      const client::ProbeAnswer answer = client.probe("/metrics");
      if (answer.http_status == 200) return Content(answer.body);
      const bool refused = answer.http_status == 401 || answer.http_status == 403;
      throw std::runtime_error(
          "HTTP " + std::to_string(answer.http_status) +
          (refused ? "; over the control socket, --socket, it is open to operators" : ""));
    });
  }

  void gatherListings(client::Client& client) {
    bundle_.gather("scanners.json", "scanners, their load and state", Kind::service,
                   [&] { return Content(client.list_scanners(common_.pool)); });
    bundle_.gather("pools.json", "pools", Kind::service,
                   [&] { return Content(client.list_pools()); });
    bundle_.gather("queue.json", "what waits and runs in each pool", Kind::scans, [&] {
      Json queues = Json::array();
      const Json answer = client.list_pools();
      for (const Json& pool : answer["pools"].items())
        queues.push(client.get_queue_status(pool.asString()));
      return Content(std::move(queues));
    });
    bundle_.gather("tasks.json", "the newest tasks", Kind::scans, [&] {
      client::TaskQuery query;
      query.limit = largest_page;
      Json answer = client.list_tasks("", query);
      for (const Json& task : answer["tasks"].items()) bundle_.targets().learn(task);
      return Content(std::move(answer));
    });
  }

  void gatherDeadLetters() {
    bundle_.gather("dead-letters.json", "scans that were given up", Kind::scans, [this] {
      client::Client client = connectAsOperator(common_);
      Json answer =
          operatorCall(client, "list_dead_letters", Json::object({{"limit", largest_page}}));
      for (const Json& letter : answer["dead_letters"].items()) bundle_.targets().learn(letter);
      return Content(std::move(answer));
    });
  }

  const SupportBundleCommand& command_;
  const CommonOptions& common_;
  std::string config_;  ///< empty: there is none
  std::filesystem::path data_dir_ = "/var/lib/scanhost";
  std::filesystem::path plugin_dir_ = defaultPluginFolder();
  int crashes_ = 0;
  SupportBundle bundle_;
};

void tell(const std::vector<SupportBundle::Listed>& listed, bool with_targets) {
  for (const auto& entry : listed)
    std::cerr << (entry.missing.empty() ? "  " : "  without ") << entry.name << ": "
              << (entry.missing.empty() ? entry.about : entry.missing) << '\n';
  std::cerr << "Secrets were taken out as far as they could be told, "
            << (with_targets ? "targets and names of scans were not.\n"
                             : "and targets and names of scans.\n")
            << "Read it before you send it: tar -xzf unpacks it, MANIFEST.txt says what is what.\n";
}

}  // namespace

int supportBundle(const SupportBundleCommand& command, const CommonOptions& common) {
  const Timestamp now = Timestamp::now();
  const std::string folder = nameOf(now);
  const std::string file = command.file.empty() ? folder + ".tar.gz" : command.file;
  checkNewFile(file);
  if (!command.config.empty() && ::access(command.config.c_str(), R_OK) != 0)
    throw UsageError(
        "--config " + command.config +
        " is not there or not for this user; run this as root or as the service's user");
  SupportBundle::Finished finished;
  {
    const InterruptNotice notice("no bundle was written");
    finished = Gathering(command, common).run().finish(folder, now, command.with_targets);
  }
  writeNewFile(file, tarGz(finished.entries, now));
  std::cout << file << std::endl;
  tell(finished.listed, command.with_targets);
  return exit_done;
}

}  // namespace scanhost::ctl
