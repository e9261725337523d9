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
    const AuthConfig& auth = config_.auth;
    const bool any =
        !auth.tokens_file.empty() || auth.oauth.enabled() || !auth.certificates.empty();
    if (auth.mode == AuthMode::token && !any && !problems_.errorAt("auth.tokens_file"))
      error("/auth", "auth.tokens_file",
            "is missing; auth.mode: token needs it, auth.oauth or auth.certificates");
    if (auth.mode == AuthMode::none && !problems_.errorAt("auth.mode")) {
      const auto unused = [&](const char* pointer, const char* key) {
        error(
            pointer, key,
            "is set, but auth.mode: none asks nobody who they are; set auth.mode: token, or remove "
            "the line");
      };
      if (!auth.tokens_file.empty()) unused("/auth/tokens_file", "auth.tokens_file");
      if (auth.oauth.enabled()) unused("/auth/oauth/issuer", "auth.oauth.issuer");
      if (!auth.certificates.empty()) unused("/auth/certificates", "auth.certificates");
    }
    checkOauth();
    checkCertificates();
  }

  void checkOauth() {
    const OauthConfig& oauth = config_.auth.oauth;
    if (problems_.errorAt("auth.oauth.issuer")) return;
    const auto missing = [&](const char* key, const char* why) {
      if (!problems_.errorAt(key)) error("/auth/oauth", key, std::string("is missing; ") + why);
    };
    if (!oauth.enabled()) {
      if (!oauth.audience.empty() || !oauth.jwks_url.empty() || !oauth.jwks_file.empty())
        missing("auth.oauth.issuer", "it names the authorization server whose tokens are taken");
      return;
    }
    if (oauth.audience.empty())
      missing("auth.oauth.audience", "without it a token for another service would be good here");
    if (oauth.jwks_url.empty() && oauth.jwks_file.empty())
      missing("auth.oauth.jwks_url", "name it, or auth.oauth.jwks_file");
    if (!oauth.jwks_url.empty() && !oauth.jwks_file.empty())
      error("/auth/oauth/jwks_file", "auth.oauth.jwks_file",
            "is given beside auth.oauth.jwks_url; name one of them");
    if (config_.http.public_url.empty() && !problems_.errorAt("http.public_url"))
      error("/auth/oauth", "http.public_url",
            "is missing; clients of auth.oauth are told by it where this service is");
    requireSecure(oauth.issuer, "/auth/oauth/issuer", "auth.oauth.issuer");
    requireSecure(oauth.jwks_url, "/auth/oauth/jwks_url", "auth.oauth.jwks_url");
  }

  /// https, but for what never leaves this machine.
  void requireSecure(const std::string& url, const char* pointer, const char* key) {
    constexpr std::string_view plain = "http://";
    if (url.rfind(plain, 0) != 0) return;
    const std::string_view rest = std::string_view(url).substr(plain.size());
    const bool bracketed = rest.front() == '[';
    const std::string_view host =
        bracketed ? rest.substr(1, rest.find(']') - 1) : rest.substr(0, rest.find_first_of(":/?#"));
    if (ListenAddress{std::string(host), 0}.isLoopback()) return;
    error(pointer, key, "must be https, for whoever is on the way could make tokens of their own");
  }

  void checkCertificates() {
    const auto& certificates = config_.auth.certificates;
    if (!certificates.empty() && config_.http.tls.client_ca.empty() &&
        !problems_.errorAt("http.tls.client_ca"))
      error("/auth/certificates", "http.tls.client_ca",
            "is missing; it names the authority that signs the certificates of auth.certificates");
    std::map<std::string, std::string> seen;
    for (const CertificateConfig& one : certificates) {
      const std::string pointer = "/auth/certificates/" + one.name + "/subject";
      const std::string key = "auth.certificates." + one.name + ".subject";
      if (one.subject.empty()) continue;
      const std::size_t colon = one.subject.find(':');
      const std::string kind = one.subject.substr(0, colon);
      if ((kind != "URI" && kind != "DNS" && kind != "EMAIL" && kind != "CN") ||
          colon == std::string::npos || colon + 1 == one.subject.size())
        error(pointer, key,
              "must begin with URI:, DNS:, EMAIL: or CN:, found " + quotedForMessage(one.subject));
      const auto [first, added] = seen.emplace(one.subject, one.name);
      if (!added)
        error(pointer, key,
              "is that of auth.certificates." + first->second +
                  ", too; a certificate "
                  "stands for one caller");
    }
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
