// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "host/config/schema.h"

#include <optional>
#include <type_traits>
#include <utility>

namespace scanhost {
namespace {

// How a value becomes a member, by the member's type.
void assign(std::string& to, const TypedValue& value) {
  to = value.text;
}
void assign(std::int64_t& to, const TypedValue& value) {
  to = value.integer;
}
void assign(double& to, const TypedValue& value) {
  to = value.number;
}
void assign(std::optional<double>& to, const TypedValue& value) {
  if (!value.text.empty()) to = value.number;
}
void assign(bool& to, const TypedValue& value) {
  to = value.flag;
}
void assign(std::chrono::milliseconds& to, const TypedValue& value) {
  to = value.duration;
}
void assign(std::uint64_t& to, const TypedValue& value) {
  to = value.bytes;
}
void assign(ListenAddress& to, const TypedValue& value) {
  to = value.address;
}
void assign(std::filesystem::path& to, const TypedValue& value) {
  to = value.text;
}
void assign(std::vector<std::string>& to, const TypedValue& value) {
  to = value.list;
}
void assign(std::map<std::string, std::string>& to, const TypedValue& value) {
  to = value.map;
}

template <class Enum>
requires std::is_enum_v<Enum>
void assign(Enum& to, const TypedValue& value) {
  to = static_cast<Enum>(value.chosen.at(0));
}

template <class Enum>
requires std::is_enum_v<Enum>
void assign(std::vector<Enum>& to, const TypedValue& value) {
  to.clear();
  for (const std::size_t index : value.chosen) to.push_back(static_cast<Enum>(index));
}

/// A plugin entry or a scan template: what carries free settings.
template <class Holder>
requires requires(Holder& holder) {
  holder.config_node;
}
void assign(Holder& to, const TypedValue& value) {
  to.config = value.node.isMap() ? value.node.toJson() : Json::object();
  to.config_node = value.node;
}

/// The row being written; its methods add what only some keys have.
class Row {
 public:
  explicit Row(Key& key) : key_(key) {}
  Row& between(std::string least, std::string most) {
    key_.least = std::move(least);
    key_.most = std::move(most);
    return *this;
  }
  Row& example(std::string text) {
    key_.example = std::move(text);
    return *this;
  }
  Row& choices(std::vector<std::string> names) {
    key_.choices = std::move(names);
    return *this;
  }
  Row& anyCase() { return key_.any_case = true, *this; }
  Row& required() { return key_.required = true, *this; }
  Row& secret() { return key_.secret = true, *this; }
  Row& reloadable() { return key_.reloadable = true, *this; }

 private:
  Key& key_;
};

class Table {
 public:
  using Type = ValueType;

  Table() {
    keys_.reserve(160);  // rows are pointed to
    nodeAndPlugins();
    http();
    stores();
    frontAndBack();
    scanners();
    policyAndTasks();
    limitsAndHousekeeping();
    buildTree();
  }

  const SchemaNode& root() const { return root_; }

 private:
  void section(const char* path, const char* doc) { row(path, Type::section, "", doc); }

  template <class Begin>
  Row group(const char* path, Type type, const char* doc, Begin begin) {
    Row out = row(path, type, "", doc);
    keys_.back().store = begin;
    return out;
  }

  /// `member` answers the member of a Config that the value lands in.
  template <class Member>
  Row key(const char* path, Type type, const char* default_text, const char* doc, Member member) {
    Row out = row(path, type, default_text, doc);
    keys_.back().store = [member](Config& config, const TypedValue& value) {
      assign(member(config), value);
    };
    return out;
  }

  Row row(const char* path, Type type, const char* default_text, const char* doc) {
    Key& added = keys_.emplace_back();
    added.path = path;
    added.type = type;
    added.default_text = default_text;
    added.doc = doc;
    return Row(added);
  }

#define INTO(member)        \
  [](Config & c) -> auto& { \
    return c.member;        \
  }

  void nodeAndPlugins() {
    section("node", "This running scanhost.");
    key("node.name", Type::name, "",
        "How this node is called in logs and leases; the host name "
        "where none is given.",
        INTO(node.name))
        .example("scanhost-1");
    key("node.data_dir", Type::path, "/var/lib/scanhost", "Everything this node keeps.",
        INTO(node.data_dir));
    key("node.roles", Type::choices, "[api, worker]", "api answers clients, worker runs tasks.",
        INTO(node.roles))
        .choices({"api", "worker"});
    key("node.pools", Type::names, "[]", "Pools this node works for; empty means all.",
        INTO(node.pools));
    key("node.key_file", Type::path, "",
        "Keys that seal secrets and handles. Made at first start in "
        "data_dir where none is given; required with a shared queue, and equal on all its nodes.",
        INTO(node.key_file))
        .example("/etc/scanhost/node.keys");
    key("node.control_socket", Type::path, "",
        "Local socket on which root and the service's own user are operators; control.sock in "
        "data_dir where none is given.",
        INTO(node.control_socket))
        .example("/run/scanhost/control.sock");
    key("node.drain", Type::duration, "30s",
        "How long a stop waits for work to be handed back; then calls to scanners are cancelled, "
        "which can take 10 seconds more.",
        INTO(node.drain))
        .between("0s", "1h");
    key("node.swap_drain", Type::duration, "1h",
        "How long a scan that runs on this node may go on after a reload replaced or removed its "
        "scanner; then it is stopped and queued again, without an attempt spent.",
        INTO(node.swap_drain))
        .between("0s", "30d")
        .reloadable();

    section("plugins", "Where plugins are loaded from, and which are trusted.");
    key("plugins.dir", Type::path, "",
        "The directory of plugins; beside the program where none is "
        "given.",
        INTO(plugins.dir))
        .example("/usr/lib/scanhost/plugins");
    key("plugins.pins", Type::digests, "{}", "SHA-256 a plugin's file must have, by plugin name.",
        INTO(plugins.pins));
    key("plugins.in_process", Type::names, "[]",
        "Plugins that were not built with "
        "this scanhost and may run in its process, with its rights.",
        INTO(plugins.in_process));
    key("plugins.runner", Type::path, "",
        "The program in which isolated plugins run; where none is given, scanhost-runner beside "
        "this program or in ../lib/scanhost.",
        INTO(plugins.runner))
        .example("/usr/lib/scanhost/scanhost-runner");
    key("plugins.runner_memory", Type::size, "1GiB",
        "What the data of one isolated plugin may take, and of each program it starts.",
        INTO(plugins.runner_memory))
        .between("64MiB", "1024GiB");
  }

  void http() {
    section("http", "The one listener, for clients, metrics and health.");
    key("http.listen", Type::address, "127.0.0.1:8835",
        "Address and port. Any but a loopback address "
        "needs http.tls and auth.mode.",
        INTO(http.listen));
    section("http.tls", "TLS of the listener; off while no certificate is named.");
    key("http.tls.certificate", Type::path, "", "Certificate chain, PEM.",
        INTO(http.tls.certificate))
        .example("/etc/scanhost/tls/cert.pem");
    key("http.tls.key", Type::path, "", "Its private key, PEM.", INTO(http.tls.key))
        .example("/etc/scanhost/tls/key.pem");
    key("http.tls.client_ca", Type::path, "", "Clients must show a certificate of this authority.",
        INTO(http.tls.client_ca))
        .example("/etc/scanhost/tls/clients.pem");
    key("http.public_url", Type::url, "",
        "How clients reach the service, where that is not "
        "http.listen; used in links.",
        INTO(http.public_url))
        .example("https://scanhost.example.net");
    key("http.allowed_hosts", Type::hosts, "[]",
        "Further names in a request's Host: how clients reach the service behind a proxy or a port "
        "mapping. That of http.public_url is known.",
        INTO(http.allowed_hosts));
    key("http.allowed_origins", Type::origins, "[]",
        "Origins of web pages that may call; that of http.public_url may.",
        INTO(http.allowed_origins));
    key("http.trusted_proxies", Type::networks, "[]", "Proxies whose X-Forwarded-For is believed.",
        INTO(http.trusted_proxies));
    key("http.allow_plaintext", Type::boolean, "false",
        "Listen beyond this machine without TLS: "
        "behind a proxy that adds it.",
        INTO(http.allow_plaintext));
    key("http.max_body", Type::size, "1MiB", "The largest request body that is read.",
        INTO(http.max_body))
        .between("1KiB", "256MiB");
    key("http.max_connections", Type::integer, "16384",
        "Connections at once; beyond, only health routes are served.", INTO(http.max_connections))
        .between("16", "1000000");
    key("http.max_connections_per_address", Type::integer, "2048",
        "Of one client address; the trusted proxies are exempt.",
        INTO(http.max_connections_per_address))
        .between("1", "1000000");
    key("http.max_streams", Type::integer, "8192",
        "Open streams and answers that are still due, together; beyond, 503.",
        INTO(http.max_streams))
        .between("1", "1000000");

    section("auth", "Who may call.");
    key("auth.mode", Type::choice, "none",
        "none: every caller is a client, on loopback only. token: every caller shows a bearer "
        "token, "
        "of auth.tokens_file or of auth.oauth, or a certificate of auth.certificates.",
        INTO(auth.mode))
        .choices({"none", "token"});
    key("auth.tokens_file", Type::path, "",
        "Tokens, their callers and roles; scanhostctl token writes it. What changes in it holds at "
        "once.",
        INTO(auth.tokens_file))
        .example("/etc/scanhost/tokens")
        .reloadable();
    oauth();
    group("auth.certificates", Type::named,
          "Callers by their client certificate, which an authority of http.tls.client_ca has "
          "signed.",
          [](Config& c, const TypedValue& v) { c.auth.certificates.emplace_back().name = v.text; })
        .reloadable()
        .example("agent");
    key("auth.certificates.*.subject", Type::text, "",
        "The name in it: URI:, DNS: or EMAIL: of its alternative names, or CN:.",
        INTO(auth.certificates.back().subject))
        .required()
        .reloadable()
        .example("DNS:agent.example.org");
    key("auth.certificates.*.roles", Type::choices, "[client]", "What it may do.",
        INTO(auth.certificates.back().roles))
        .choices({"viewer", "client", "operator", "metrics"})
        .reloadable();
  }

  void oauth() {
    section("auth.oauth",
            "Access tokens of an authorization server (OAuth 2.1): JWTs, verified here.");
    key("auth.oauth.issuer", Type::url, "", "Its identifier, exactly as in its tokens.",
        INTO(auth.oauth.issuer))
        .example("https://login.example.org");
    key("auth.oauth.audience", Type::text, "",
        "What its tokens for this service name as their audience; with most servers "
        "http.public_url "
        "and the path of the transport.",
        INTO(auth.oauth.audience))
        .example("https://scanhost.example.net/mcp");
    key("auth.oauth.jwks_url", Type::url, "", "Where it publishes its keys.",
        INTO(auth.oauth.jwks_url))
        .example("https://login.example.org/jwks.json");
    key("auth.oauth.jwks_file", Type::path, "", "Its keys in a file, instead.",
        INTO(auth.oauth.jwks_file))
        .example("/etc/scanhost/jwks.json");
    key("auth.oauth.ca_file", Type::path, "",
        "Authorities to trust for jwks_url; the system's where none is given.",
        INTO(auth.oauth.ca_file))
        .example("/etc/scanhost/login-ca.pem");
    key("auth.oauth.algorithms", Type::choices, "[RS256, PS256, ES256, EdDSA]",
        "Signatures that are taken.", INTO(auth.oauth.algorithms))
        .choices({"RS256", "PS256", "ES256", "EdDSA"});
    key("auth.oauth.leeway", Type::duration, "30s", "How far its clock may be from ours.",
        INTO(auth.oauth.leeway))
        .between("0s", "5m");
    section("auth.oauth.scopes", "What it calls the scope that grants each role.");
    key("auth.oauth.scopes.viewer", Type::scope, "scanhost:read", "To look at everything.",
        INTO(auth.oauth.viewer_scope));
    key("auth.oauth.scopes.client", Type::scope, "scanhost:scan",
        "To scan, and see and steer one's own scans.", INTO(auth.oauth.client_scope));
    key("auth.oauth.scopes.operator", Type::scope, "scanhost:admin", "To do all.",
        INTO(auth.oauth.operator_scope));
    key("auth.oauth.scopes.metrics", Type::scope, "scanhost:metrics", "To read the metrics.",
        INTO(auth.oauth.metrics_scope));
  }

  void stores() {
    section("queue", "Where tasks live.");
    key("queue.plugin", Type::name, "queue-sqlite", "The queue plugin.", INTO(queue.plugin));
    key("queue.config", Type::free, "{}", "Its settings.", INTO(queue)).secret().reloadable();
    key("queue.durability", Type::choice, "warn",
        "strict: refuse to start, and later to accept, unless an accepted task "
        "survives the loss of any one machine. warn: say what may be lost.",
        INTO(queue.durability))
        .choices({"strict", "warn"});

    section("results", "Where findings live.");
    key("results.plugin", Type::name, "results-sqlite", "The results plugin.",
        INTO(results.plugin));
    key("results.config", Type::free, "{}", "Its settings.", INTO(results)).secret();
    key("results.allow_local", Type::boolean, "false",
        "Accept a local results store beside a shared "
        "queue: findings are then served by the node that ran the scan alone.",
        INTO(results.allow_local));
    key("results.retention", Type::duration, "365d", "How long findings are kept.",
        INTO(results.retention))
        .between("1h", "36500d");
  }

  void frontAndBack() {
    group("transports", Type::entries, "How clients reach the operations; each entry a plugin.",
          [](Config& c, const TypedValue& v) { c.transports.emplace_back().key = v.text; });
    key("transports[].plugin", Type::name, "", "The transport plugin.",
        INTO(transports.back().plugin))
        .required()
        .example("transport-mcp");
    key("transports[].config", Type::free, "{}", "Its settings.", INTO(transports.back()))
        .secret()
        .example("{path: /mcp}");

    group("operations", Type::entries,
          "Plugins that offer operations, resources and prompts beside the service's own.",
          [](Config& c, const TypedValue& v) { c.operations.emplace_back().key = v.text; });
    key("operations[].plugin", Type::name, "", "The plugin.", INTO(operations.back().plugin))
        .required()
        .example("operations-example");
    key("operations[].config", Type::free, "{}", "Its settings.", INTO(operations.back())).secret();

    group("exporters", Type::entries, "Where metrics and events go; each entry a plugin.",
          [](Config& c, const TypedValue& v) { c.exporters.emplace_back().key = v.text; })
        .reloadable();
    key("exporters[].plugin", Type::name, "", "The exporter plugin.", INTO(exporters.back().plugin))
        .required()
        .reloadable()
        .example("exporter-prometheus");
    key("exporters[].isolation", Type::choice, "auto", "As of a scanner.",
        INTO(exporters.back().isolation))
        .choices({"auto", "none", "process"})
        .reloadable();
    key("exporters[].config", Type::free, "{}", "Its settings.", INTO(exporters.back()))
        .secret()
        .reloadable()
        .example("{path: /metrics}");
  }

  void scanners() {
    group("scanners", Type::entries, "What scans; at least one.",
          [](Config& c, const TypedValue& v) { c.scanners.emplace_back().key = v.text; })
        .reloadable();
    key("scanners[].name", Type::name, "", "Its name, unique in its pool.",
        INTO(scanners.back().name))
        .required()
        .reloadable()
        .example("local");
    key("scanners[].title", Type::text, "",
        "What people read in lists; the name where none is given.", INTO(scanners.back().title))
        .reloadable()
        .example("Local nmap");
    key("scanners[].pool", Type::name, "", "Scanners of one pool stand in for each other.",
        INTO(scanners.back().pool))
        .required()
        .reloadable()
        .example("nmap");
    key("scanners[].plugin", Type::name, "", "The scanner plugin.", INTO(scanners.back().plugin))
        .required()
        .reloadable()
        .example("scanner-nmap");
    key("scanners[].enabled", Type::boolean, "true", "A disabled one takes no tasks.",
        INTO(scanners.back().enabled))
        .reloadable();
    key("scanners[].max_concurrent_scans", Type::integer, "2", "Scans at once, over all nodes.",
        INTO(scanners.back().max_concurrent_scans))
        .between("1", "10000")
        .reloadable();
    key("scanners[].isolation", Type::choice, "auto",
        "none: in the service's process. process: in a "
        "process of its own. auto: process, unless the plugin was built with this scanhost or is "
        "named in plugins.in_process.",
        INTO(scanners.back().isolation))
        .choices({"auto", "none", "process"})
        .reloadable();
    key("scanners[].config", Type::free, "{}", "The plugin's settings.", INTO(scanners.back()))
        .secret()
        .reloadable();
    section("scanners[].circuit", "The breaker in front of it.");
    key("scanners[].circuit.failures", Type::integer, "5", "Failures in a row that open it.",
        INTO(scanners.back().circuit.failures))
        .between("1", "1000")
        .reloadable();
    key("scanners[].circuit.open_for", Type::duration, "30s",
        "How long it stays open before one probe.", INTO(scanners.back().circuit.open_for))
        .between("100ms", "1d")
        .reloadable();
    key("scanners[].circuit.probe_deadline", Type::duration, "30s", "How long the probe may take.",
        INTO(scanners.back().circuit.probe_deadline))
        .between("100ms", "1h")
        .reloadable();
    key("scanners_file", Type::path, "", "More scanners, in the form of the earlier service.",
        INTO(scanners_file))
        .reloadable()
        .example("/etc/scanhost/scanners.yaml");
    key("default_pool", Type::name, "",
        "The pool of submissions that name none; `nessus` if there is "
        "one, else the first, where none is given.",
        INTO(default_pool))
        .reloadable()
        .example("nmap");

    group("scan_templates", Type::named, "Names for a scan's class and plugin settings.",
          [](Config& c, const TypedValue& v) { c.scan_templates.emplace_back().name = v.text; })
        .reloadable()
        .example("quick");
    key("scan_templates.*.pool", Type::name, "", "The pool it is for; all where none is given.",
        INTO(scan_templates.back().pool))
        .reloadable()
        .example("nmap");
    key("scan_templates.*.config", Type::free, "{}",
        "Settings laid over those of a scanner, which must know each of them.",
        INTO(scan_templates.back()))
        .secret()
        .reloadable();
  }

  void policyAndTasks() {
    section("policy", "What may be scanned.");
    section("policy.targets", "Addresses and networks; deny wins.");
    key("policy.targets.allow", Type::networks, "[]",
        "Without an entry nothing may be scanned. "
        "Loopback, link-local and cloud metadata count only where they are named.",
        INTO(policy.allow))
        .reloadable();
    key("policy.targets.deny", Type::networks, "[]", "Never scanned.", INTO(policy.deny))
        .reloadable();

    section("tasks", "The life of a task.");
    key("tasks.timeout", Type::duration, "24h",
        "Running time, pauses excluded; then the scan is "
        "stopped and its findings are kept.",
        INTO(tasks.timeout))
        .between("1s", "365d")
        .reloadable();
    key("tasks.timeout_warning", Type::number, "0.9",
        "The share of it after which a warning is logged.", INTO(tasks.timeout_warning))
        .between("0", "1")
        .reloadable();
    key("tasks.lease", Type::duration, "60s",
        "How long a worker holds a task without renewing; it "
        "renews every third.",
        INTO(tasks.lease))
        .between("100ms", "1h")
        .reloadable();
    key("tasks.poll_interval", Type::duration, "30s",
        "How often a running scan is asked for its state, "
        "unless the plugin says otherwise.",
        INTO(tasks.poll_interval))
        .between("10ms", "1h")
        .reloadable();
    section("tasks.retry", "After a transient failure; doubling, with full jitter.");
    key("tasks.retry.max_attempts", Type::integer, "5", "Attempts in all.",
        INTO(tasks.retry.max_attempts))
        .between("1", "1000")
        .reloadable();
    key("tasks.retry.base_delay", Type::duration, "10s", "Before the second attempt.",
        INTO(tasks.retry.base_delay))
        .between("1ms", "1d")
        .reloadable();
    key("tasks.retry.max_delay", Type::duration, "10m", "The longest wait.",
        INTO(tasks.retry.max_delay))
        .between("1ms", "7d")
        .reloadable();
    key("tasks.scanner_outage", Type::duration, "2h",
        "Polls that fail this long end the attempt; the "
        "next one adopts the scan. A task that is to end and whose "
        "scan cannot be stopped for so long ends without.",
        INTO(tasks.scanner_outage))
        .between("1s", "30d")
        .reloadable();
    key("tasks.max_takeovers", Type::integer, "5",
        "Takeovers in a row without one good poll, then the "
        "task is a dead letter.",
        INTO(tasks.max_takeovers))
        .between("1", "1000")
        .reloadable();
    key("tasks.relaunch_lost", Type::boolean, "false",
        "Launch again what vanished from the scanner.", INTO(tasks.relaunch_lost))
        .reloadable();
    key("tasks.max_paused", Type::duration, "7d", "How long a task may be paused.",
        INTO(tasks.max_paused))
        .between("1s", "365d")
        .reloadable();
    key("tasks.idempotency_ttl", Type::duration, "48h",
        "How long an idempotency key is remembered.", INTO(tasks.idempotency_ttl))
        .between("1s", "365d")
        .reloadable();
  }

  void limitsAndHousekeeping() {
    section("limits", "Bounds on what one caller can ask for.");
    key("limits.target_entries", Type::integer, "1000", "Entries in one submission's targets.",
        INTO(limits.target_entries))
        .between("1", "100000")
        .reloadable();
    key("limits.target_addresses", Type::integer, "65536", "Addresses they may stand for.",
        INTO(limits.target_addresses))
        .between("1", "16777216")
        .reloadable();
    key("limits.queued_per_pool", Type::integer, "10000", "Waiting tasks of one pool.",
        INTO(limits.queued_per_pool))
        .between("1", "10000000")
        .reloadable();
    key("limits.queued_per_client", Type::integer, "1000", "Waiting tasks of one client.",
        INTO(limits.queued_per_client))
        .between("1", "10000000")
        .reloadable();
    key("limits.requests_per_second", Type::number, "",
        "Requests of one client, on average; without authentication, of one address. 0: no limit. "
        "Where none is given, 500 with auth.mode: token, no limit with none.",
        INTO(limits.requests_per_second))
        .between("0", "1000000")
        .reloadable()
        .example("500");
    key("limits.request_burst", Type::integer, "1000", "Requests that may come at once.",
        INTO(limits.request_burst))
        .between("1", "1000000")
        .reloadable();
    key("limits.response_bytes", Type::size, "32MiB", "One answer.", INTO(limits.response_bytes))
        .between("64KiB", "1GiB")
        .reloadable();
    key("limits.text_field", Type::size, "64KiB", "One text of a finding; what is longer is cut.",
        INTO(limits.text_field))
        .between("1KiB", "16MiB")
        .reloadable();
    key("limits.list_walk", Type::integer, "100000",
        "Tasks that a target filter may walk for a total.", INTO(limits.list_walk))
        .between("1", "100000000")
        .reloadable();
    key("limits.disk_free", Type::size, "512MiB",
        "Free space on the disk of data_dir below which no task is accepted and none launched; "
        "what runs may finish. 0B: no limit.",
        INTO(limits.disk_free))
        .between("0B", "1024TiB")
        .reloadable();

    section("housekeeping", "What is cleaned up, and when.");
    key("housekeeping.enabled", Type::boolean, "true", "Run it on this node.",
        INTO(housekeeping.enabled));
    key("housekeeping.interval", Type::duration, "1h", "How often.", INTO(housekeeping.interval))
        .between("1s", "30d");
    key("housekeeping.completed_ttl", Type::duration, "7d",
        "How long records of completed tasks stay.", INTO(housekeeping.completed_ttl))
        .between("1s", "36500d");
    key("housekeeping.failed_ttl", Type::duration, "30d",
        "The same for failed, timed-out, cancelled "
        "and dead tasks.",
        INTO(housekeeping.failed_ttl))
        .between("1s", "36500d");
    key("housekeeping.stale_enabled", Type::boolean, "true", "Time out tasks that nothing moves.",
        INTO(housekeeping.stale_enabled));
    key("housekeeping.stale_after", Type::duration, "24h",
        "How long a task may be queued, or run "
        "without a live lease.",
        INTO(housekeeping.stale_after))
        .between("1s", "365d");
    key("housekeeping.stale_remote_delete", Type::boolean, "false",
        "Delete the remote scan of a task "
        "timed out so, by its marker.",
        INTO(housekeeping.stale_remote_delete));
    key("housekeeping.remote_cleanup", Type::boolean, "true",
        "Delete finished remote scans, by their "
        "marker.",
        INTO(housekeeping.remote_cleanup));
    key("housekeeping.remote_retention", Type::duration, "24h", "How long after their end.",
        INTO(housekeeping.remote_retention))
        .between("0s", "36500d");

    section("log", "What is logged.");
    key("log.level", Type::choice, "info", "The least that is logged.", INTO(log.level))
        .choices({"debug", "info", "warning", "error"})
        .anyCase()
        .reloadable();

    section("traces", "What is traced, where an exporter takes spans.");
    key("traces.sample", Type::choice, "parent",
        "parent: as the caller's traceparent says, and without one what changes something; always; "
        "never.",
        INTO(traces.sample))
        .choices({"parent", "always", "never"})
        .reloadable();
  }

#undef INTO

  void buildTree() {
    for (const Key& row : keys_) {
      SchemaNode* at = &root_;
      std::string_view rest = row.path;
      while (!rest.empty()) at = &childOf(*at, takeStep(rest));
      at->key = &row;
    }
  }

  /// "scanners[].name" is the steps "scanners", "[]", "name".
  static std::string takeStep(std::string_view& rest) {
    const std::size_t end =
        rest.substr(0, 2) == "[]" ? 2 : std::min(rest.find_first_of(".["), rest.size());
    std::string step(rest.substr(0, end));
    rest.remove_prefix(end);
    if (!rest.empty() && rest.front() == '.') rest.remove_prefix(1);
    return step;
  }

  static SchemaNode& childOf(SchemaNode& parent, const std::string& name) {
    for (SchemaNode& child : parent.children)
      if (child.name == name) return child;
    return parent.children.emplace_back(SchemaNode{name, nullptr, {}});
  }

  std::vector<Key> keys_;
  SchemaNode root_;
};

}  // namespace

const SchemaNode* SchemaNode::find(std::string_view child) const {
  for (const SchemaNode& candidate : children)
    if (candidate.name == child) return &candidate;
  return nullptr;
}

const SchemaNode& configSchema() {
  static const Table table;
  return table.root();
}

}  // namespace scanhost
