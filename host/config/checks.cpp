// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "host/config/checks.h"

#include <algorithm>
#include <map>
#include <utility>

#include "host/base/nearest.h"
#include "host/base/time.h"

namespace scanhost {
namespace {

class Checks {
 public:
  Checks(const Config& config, const ConfigNode& tree, bool ini, Problems& problems)
      : config_(config), tree_(tree), ini_(ini), problems_(problems) {}

  void run() {
    checkTls();
    checkListen();
    checkAuth();
    checkScanners();
    checkPools();
    checkTargets();
    checkTimes();
    checkTransports();
  }

 private:
  Place at(std::string_view pointer) const { return tree_.locate(pointer); }
  void error(std::string_view pointer, std::string_view key, std::string message) {
    problems_.error(at(pointer), key, std::move(message));
  }
  void warning(std::string_view pointer, std::string_view key, std::string message) {
    problems_.warning(at(pointer), key, std::move(message));
  }

  void checkTls() {
    const TlsConfig& tls = config_.http.tls;
    if (tls.certificate.empty() && !tls.key.empty())
      error("/http/tls", "http.tls.certificate",
            "is missing beside http.tls.key; name both or none");
    if (!tls.certificate.empty() && tls.key.empty())
      error("/http/tls", "http.tls.key",
            "is missing beside http.tls.certificate; name both or none");
    if (tls.certificate.empty() && !tls.client_ca.empty())
      error("/http/tls/client_ca", "http.tls.client_ca",
            "needs TLS; name http.tls.certificate and http.tls.key too");
  }

  void checkListen() {
    const HttpConfig& http = config_.http;
    if (problems_.errorAt("http.listen") || http.listen.isLoopback()) return;
    if (!http.tls.enabled() && !http.allow_plaintext)
      error("/http/listen", "http.listen",
            http.listen.text() +
                " is reached from other machines and needs TLS; name "
                "http.tls.certificate and http.tls.key, listen on 127.0.0.1:" +
                std::to_string(http.listen.port) +
                ", or, behind a proxy that adds TLS, set "
                "http.allow_plaintext: true");
    if (config_.auth.mode == AuthMode::none && !problems_.errorAt("auth.mode"))
      error(tree_.find("auth") ? "/auth/mode" : "/http/listen", "auth.mode",
            "none is for loopback only, and http.listen is " + http.listen.text() +
                "; set auth.mode: token and auth.tokens_file");
  }

  void checkAuth() {
    if (config_.auth.mode == AuthMode::token && config_.auth.tokens_file.empty() &&
        !problems_.errorAt("auth.tokens_file"))
      error("/auth", "auth.tokens_file",
            "is missing; auth.mode: token reads its tokens from there");
  }

  void checkScanners() {
    const bool any_written = !config_.scanners.empty() || !config_.scanners_file.empty();
    if (!any_written && !problems_.errorAt("scanners") && !problems_.errorAt("scanners_file")) {
      const char* line = ini_ ? "[scanners.local] with pool = nmap and plugin = scanner-nmap"
                              : "scanners: [{name: local, pool: nmap, plugin: scanner-nmap}]";
      return error("/scanners", "scanners",
                   std::string("no scanner is configured; add one, for "
                               "example ") +
                       line);
    }
    std::map<std::string, Place> seen;
    bool any_enabled = false;
    for (std::size_t i = 0; i < config_.scanners.size(); ++i) {
      const ScannerConfig& scanner = config_.scanners[i];
      any_enabled = any_enabled || scanner.enabled;
      checkUnique(scanner, at("/scanners/" + std::to_string(i)), seen);
    }
    if (!any_enabled && !config_.scanners.empty())
      warning("/scanners", "scanners", "every scanner is disabled, so no task can run");
  }

  void checkUnique(const ScannerConfig& scanner, const Place& place,
                   std::map<std::string, Place>& seen) {
    if (scanner.name.empty() || scanner.pool.empty()) return;
    const auto [first, added] = seen.emplace(scanner.instanceKey(), place);
    if (added) return;
    problems_.error(place, scanner.key,
                    "the scanner " + scanner.instanceKey() + " is configured already at " +
                        first->second.file + ":" + std::to_string(first->second.line) +
                        "; names are unique in their pool, so rename one");
  }

  void checkPools() {
    const std::vector<std::string> pools = config_.pools();
    if (pools.empty()) return;
    checkPool("/default_pool", "default_pool", config_.default_pool, pools);
    for (std::size_t i = 0; i < config_.node.pools.size(); ++i)
      checkPool("/node/pools/" + std::to_string(i), "node.pools[" + std::to_string(i) + "]",
                config_.node.pools[i], pools);
    for (const ScanTemplate& scan_template : config_.scan_templates)
      checkPool("/scan_templates/" + scan_template.name + "/pool",
                "scan_templates." + scan_template.name + ".pool", scan_template.pool, pools);
  }

  void checkPool(const std::string& pointer, const std::string& key, const std::string& pool,
                 const std::vector<std::string>& pools) {
    if (pool.empty() || std::find(pools.begin(), pools.end(), pool) != pools.end()) return;
    const std::string near = nearestName(pool, pools);
    error(pointer, key,
          "no scanner is in the pool " + quotedForMessage(pool) +
              (near.empty() ? "; known are " + joinNames(pools) : "; did you mean " + near + "?"));
  }

  void checkTargets() {
    if (!config_.policy.allow.empty() || problems_.errorAt("policy.targets.allow")) return;
    for (const Problem& problem : problems_.list())
      if (problem.key == "policy.targets" || problem.key == "policy") return;
    const char* line = ini_ ? "policy.targets.allow = 10.0.0.0/8 (before the first section)"
                            : "policy: {targets: {allow: [\"10.0.0.0/8\"]}}";
    warning(
        "/policy/targets/allow", "policy.targets.allow",
        std::string("is empty, so nothing may be scanned; add, with your own networks: ") + line);
  }

  void checkTimes() {
    const TasksConfig& tasks = config_.tasks;
    if (tasks.retry.base_delay > tasks.retry.max_delay)
      error("/tasks/retry/base_delay", "tasks.retry.base_delay",
            formatDuration(tasks.retry.base_delay) + " is longer than tasks.retry.max_delay, " +
                formatDuration(tasks.retry.max_delay) + "; lower it or raise the other");
  }

  void checkTransports() {
    if (config_.transports.empty() && config_.node.hasRole(NodeRole::api) &&
        !problems_.errorAt("transports"))
      warning("/transports", "transports",
              std::string("is empty, so no client can reach this node; add ") +
                  (ini_ ? "[transports.transport-mcp]" : "transports: [{plugin: transport-mcp}]"));
  }

  const Config& config_;
  const ConfigNode& tree_;
  bool ini_;
  Problems& problems_;
};

}  // namespace

void checkConfig(const Config& config, const ConfigNode& tree, bool ini, Problems& problems) {
  Checks(config, tree, ini, problems).run();
}

}  // namespace scanhost
