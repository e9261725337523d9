// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// The configuration as the daemon uses it: typed, complete, every default filled in.
///
/// What each key means, its default and its bounds stand once, in schema.cpp; these are the
/// places the values land in. A Config is made by loadConfig() (load.h) and never changes after;
/// a reload makes another. It may be read from any thread.
#pragma once

#include <scanhost/json.h>

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "host/base/caller.h"
#include "host/config/config_node.h"
#include "host/config/value_text.h"

namespace scanhost {

enum class NodeRole { api, worker };
enum class AuthMode { none, token };
enum class JwtAlgorithm { rs256, ps256, es256, eddsa };
enum class DurabilityDemand { strict, warn };
/// `automatic`: what was built with us in the host's process, anything else in a runner.
enum class Isolation { automatic, none, process };
enum class LogThreshold { debug, info, warning, error };
enum class TraceChoice { parent, always, never };

/// A plugin and the settings it will get. Its schema is checked by the plugin loader.
struct PluginEntry {
  std::string plugin;  ///< "queue-sqlite"
  Json config = Json::object();
  ConfigNode config_node;  ///< the same with places: `config_node.locate("/tls/pin_sha256")`
  std::string key;         ///< where it stands, for messages: "queue", "exporters[1]"
  Isolation isolation = Isolation::automatic;  ///< of scanners and exporters
};

struct NodeConfig {
  std::string name;  ///< the host name where none is given
  std::filesystem::path data_dir;
  std::vector<NodeRole> roles;
  std::vector<std::string> pools;        ///< that this node works for; empty: all
  std::filesystem::path key_file;        ///< empty: the node's own, made in data_dir
  std::filesystem::path control_socket;  ///< empty: control.sock in data_dir
  std::chrono::milliseconds drain{};
  std::chrono::milliseconds swap_drain{};

  bool hasRole(NodeRole role) const;
  /// Whether a worker here takes tasks of the pool.
  bool servesPool(std::string_view pool) const;
};

struct PluginsConfig {
  std::filesystem::path dir;                ///< empty: beside the program
  std::map<std::string, std::string> pins;  ///< plugin name to SHA-256, lowercase hexadecimal
  std::vector<std::string> in_process;      ///< plugins not built with us, allowed in process
  std::filesystem::path runner;             ///< scanhost-runner; empty: beside the program
  std::uint64_t runner_memory = 0;          ///< bytes of data for each runner
};

struct TlsConfig {
  std::filesystem::path certificate;  ///< empty: no TLS
  std::filesystem::path key;
  std::filesystem::path client_ca;

  bool enabled() const { return !certificate.empty(); }
};

struct HttpConfig {
  ListenAddress listen;
  TlsConfig tls;
  std::string public_url;
  std::vector<std::string> allowed_hosts;    ///< further names in Host
  std::vector<std::string> allowed_origins;  ///< further origins
  std::vector<std::string> trusted_proxies;  ///< addresses and networks
  bool allow_plaintext = false;
  std::uint64_t max_body = 0;  ///< bytes
  std::int64_t max_connections = 0, max_connections_per_address = 0, max_streams = 0;
};

/// Access tokens of an authorization server: JWTs, verified by its published keys.
struct OauthConfig {
  std::string issuer;  ///< empty: none are taken
  std::string audience;
  std::string jwks_url;  ///< this or jwks_file
  std::filesystem::path jwks_file;
  std::filesystem::path ca_file;  ///< for jwks_url; empty: the system's authorities
  std::vector<JwtAlgorithm> algorithms;
  std::chrono::milliseconds leeway{};
  /// What the issuer calls the scope of each role.
  std::string viewer_scope, client_scope, operator_scope, metrics_scope;

  bool enabled() const { return !issuer.empty(); }
  const std::string& scopeOf(Role role) const;
};

/// A client certificate that stands for a caller.
struct CertificateConfig {
  std::string name;     ///< the caller's, "cert:<name>" as a subject
  std::string subject;  ///< "URI:...", "DNS:...", "EMAIL:..." or "CN:..."
  std::vector<Role> roles;
};

struct AuthConfig {
  AuthMode mode = AuthMode::none;
  std::filesystem::path tokens_file;
  OauthConfig oauth;
  std::vector<CertificateConfig> certificates;
};

struct QueueConfig : PluginEntry {
  QueueConfig() { key = "queue"; }
  DurabilityDemand durability = DurabilityDemand::warn;
};

struct ResultsConfig : PluginEntry {
  ResultsConfig() { key = "results"; }
  bool allow_local = false;
  std::chrono::milliseconds retention{};
};

struct CircuitConfig {
  std::int64_t failures = 0;
  std::chrono::milliseconds open_for{};
  std::chrono::milliseconds probe_deadline{};
};

struct ScannerConfig : PluginEntry {
  std::string name;
  std::string title;  ///< the name where none is given
  std::string pool;
  bool enabled = true;
  std::int64_t max_concurrent_scans = 0;
  CircuitConfig circuit;

  /// "pool:name", as clients and metrics show it.
  std::string instanceKey() const { return pool + ":" + name; }
};

struct ScanTemplate {
  std::string name;
  std::string pool;  ///< empty: any
  Json config = Json::object();
  ConfigNode config_node;
};

struct PolicyConfig {
  std::vector<std::string> allow;  ///< addresses and networks, as written
  std::vector<std::string> deny;
};

struct RetryConfig {
  std::int64_t max_attempts = 0;
  std::chrono::milliseconds base_delay{};
  std::chrono::milliseconds max_delay{};
};

struct TasksConfig {
  std::chrono::milliseconds timeout{};
  double timeout_warning = 0;  ///< share of the timeout
  std::chrono::milliseconds lease{};
  std::chrono::milliseconds poll_interval{};
  RetryConfig retry;
  std::chrono::milliseconds scanner_outage{};
  std::int64_t max_takeovers = 0;
  bool relaunch_lost = false;
  std::chrono::milliseconds max_paused{};
  std::chrono::milliseconds idempotency_ttl{};
};

struct LimitsConfig {
  std::int64_t target_entries = 0;
  std::int64_t target_addresses = 0;
  std::int64_t queued_per_pool = 0;
  std::int64_t queued_per_client = 0;
  std::optional<double> requests_per_second;  ///< none: by auth.mode; 0: no limit
  std::int64_t request_burst = 0;
  std::uint64_t response_bytes = 0;
  std::uint64_t text_field = 0;  ///< bytes
  std::int64_t list_walk = 0;
  std::uint64_t disk_free = 0;  ///< bytes
};

struct HousekeepingConfig {
  bool enabled = true;
  std::chrono::milliseconds interval{};
  std::chrono::milliseconds completed_ttl{};
  std::chrono::milliseconds failed_ttl{};
  bool stale_enabled = true;
  std::chrono::milliseconds stale_after{};
  bool stale_remote_delete = false;
  bool remote_cleanup = true;
  std::chrono::milliseconds remote_retention{};
};

struct LogConfig {
  LogThreshold level = LogThreshold::info;
};

struct TracesConfig {
  TraceChoice sample = TraceChoice::parent;
};

/// One key's final value, for telling what a reload would change. Holds secrets: never show it.
struct Setting {
  std::string key;  ///< "tasks.lease", "scanners[nessus:scanner1].title"
  Json value;
  bool reloadable = false;
};

struct Config {
  NodeConfig node;
  PluginsConfig plugins;
  HttpConfig http;
  AuthConfig auth;
  QueueConfig queue;
  ResultsConfig results;
  std::vector<PluginEntry> transports;
  std::vector<PluginEntry> operations;  ///< plugins that offer some of their own
  std::vector<PluginEntry> exporters;
  std::vector<ScannerConfig> scanners;  ///< those of scanners_file included
  std::filesystem::path scanners_file;
  std::string default_pool;  ///< resolved: `nessus` if there is one, else the first
  std::vector<ScanTemplate> scan_templates;
  PolicyConfig policy;
  TasksConfig tasks;
  LimitsConfig limits;
  HousekeepingConfig housekeeping;
  LogConfig log;
  TracesConfig traces;
  std::vector<Setting> settings;

  /// The pools of all scanners, disabled ones included, in order of appearance.
  std::vector<std::string> pools() const;
};

}  // namespace scanhost
