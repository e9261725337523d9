// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "tests/faults/cluster.h"

#include <chrono>
#include <stdexcept>
#include <thread>

namespace scanhost::faults {
namespace {

using namespace std::chrono_literals;
using testing_support::NessusSimulator;
using testing_support::RedisSentinel;
using testing_support::RedisServer;

constexpr const char* master_name = "scans";
const std::vector<std::string> durable = {"--appendfsync", "always", "--maxmemory-policy",
                                          "noeviction"};

std::string built(const std::string& name) {
  return std::string(SCANHOST_BINARY_DIR) + "/" + name;
}

template <class Holds>
void waitUntil(Holds holds, const char* what, std::chrono::milliseconds limit) {
  const auto end = std::chrono::steady_clock::now() + limit;
  while (!holds()) {
    if (std::chrono::steady_clock::now() > end) throw std::runtime_error(what);
    std::this_thread::sleep_for(20ms);
  }
}

bool follows(const RedisServer& replica) {
  return replica.cli({"INFO", "replication"}).find("master_link_status:up") != std::string::npos;
}

/// How far the stream of writes has come there.
std::int64_t offsetAt(const RedisServer& server, const std::string& field) {
  const std::string told = server.cli({"INFO", "replication"});
  const std::size_t at = told.find("\n" + field + ":");
  return at == std::string::npos ? 0 : std::stoll(told.substr(at + field.size() + 2));
}

bool isMaster(const RedisServer& server) {
  return server.cli({"ROLE"}).starts_with("master");
}

unsigned short portOf(const std::string& url) {
  return static_cast<unsigned short>(std::stoi(url.substr(url.rfind(':') + 1)));
}

std::string scannerSettings(const NessusSimulator& scanner, int scans_at_once) {
  return "{name: scanner1, pool: nessus, plugin: scanner-nessus, max_concurrent_scans: " +
         std::to_string(scans_at_once) +
         ", circuit: {open_for: 500ms, probe_deadline: 1s}, config: {url: "
         "\"https://127.0.0.1:%PORT%\", access_key: " +
         NessusSimulator::access_key + ", secret_key: " + NessusSimulator::secret_key +
         ", request_timeout: 200%SWAP%ms, tls: {pin_sha256: \"" + scanner.fingerprint() + "\"}}}";
}

std::string moreSettings(const std::string& plugin_dir) {
  return "tasks: {lease: 2s, poll_interval: 250ms, max_takeovers: 1000, retry: {base_delay: 100ms, "
         "max_delay: 500ms}}\nlimits: {disk_free: 1MiB}\nplugins: {in_process: [queue-redis, "
         "results-sqlite], dir: " +
         (plugin_dir.empty() ? built("plugins") : plugin_dir) + "}\n";
}

}  // namespace

Cluster::Cluster(const ClusterSettings& settings, std::function<void(Event)> tell)
    : settings_(settings),
      scanner_(built("bin/nessus-simulator"),
               {"--scan-seconds", std::to_string(settings.scan_seconds), "--export-seconds", "0.05",
                "--seed", std::to_string(settings.seed)}) {
  servers_.push_back(std::make_unique<RedisServer>(durable));
  master_port_ = redis().port();
  if (settings.failover) {
    auto more = durable;
    more.insert(more.end(), {"--replicaof", "127.0.0.1", std::to_string(redis().port())});
    servers_.push_back(std::make_unique<RedisServer>(more));
    waitUntil([&] { return follows(*servers_[1]); }, "the replica does not follow", 10s);
    sentinel_ = std::make_unique<RedisSentinel>(master_name, redis().port());
    waitUntil(
        [&] {
          return sentinel_->cli({"SENTINEL", "replicas", master_name})
                     .find(std::to_string(servers_[1]->port())) != std::string::npos;
        },
        "the Sentinel does not see the replica", 20s);
  }
  observer_ =
      std::make_unique<QueueObserver>(std::move(tell), [this] { return master_port_.load(); });
  for (int i = 1; i <= settings.nodes; ++i) {
    NodeSettings node;
    node.name = "n" + std::to_string(i);
    node.program = built("tests/faults/scanhost-faulty");
    node.folder = folder_.path() / node.name;
    node.data_dir = node.folder / "data";
    node.queue = queueSettings();
    node.scanner = scannerSettings(scanner_, settings.scans_at_once);
    node.more = moreSettings(settings.plugin_dir);
    node.queue_port = sentinel_ ? portOf(sentinel_->address()) : redis().port();
    node.scanner_port = portOf(scanner_.url());
    node.without = settings.without;
    if (settings.small_disks) disks_.push_back(std::make_unique<Disk>(node.data_dir));
    nodes_.push_back(std::make_unique<Node>(node));
    nodes_.back()->start();
    if (i == 1) waitUntilReady();  // it makes the keys that all share
  }
  waitUntilReady();
}

std::string Cluster::queueSettings() const {
  if (!sentinel_)
    return "{plugin: queue-redis, config: {url: \"redis://127.0.0.1:%PORT%/0\", timeout: "
           "100%SWAP%ms, "
           "connect_timeout: 1s}}";
  return std::string("{plugin: queue-redis, durability: strict, config: {url: \"redis://\", ") +
         "sentinels: [\"127.0.0.1:%PORT%\"], master_name: " + master_name +
         ", wait_replicas: " + std::to_string(settings_.wait_replicas) +
         ", timeout: 1s, connect_timeout: 1s}}";
}

void Cluster::look() {
  std::map<std::string, std::string> ready;
  for (const auto& node : nodes_)
    if (auto url = node->url()) ready.emplace(node->name(), std::move(*url));
  const std::lock_guard lock(mutex_);
  ready_ = std::move(ready);
}

void Cluster::waitUntilReady() {
  const auto end = std::chrono::steady_clock::now() + 60s;
  for (;;) {
    look();
    if (urls().size() == nodes_.size()) return;
    if (std::chrono::steady_clock::now() > end) break;
    std::this_thread::sleep_for(20ms);
  }
  std::string said;
  for (const auto& node : nodes_) said += node->name() + ": " + node->said() + "\n";
  throw std::runtime_error("not all nodes became ready:\n" + said);
}

std::vector<std::string> Cluster::urls() const {
  const std::lock_guard lock(mutex_);
  std::vector<std::string> urls;
  for (const auto& [node, url] : ready_) urls.push_back(url);
  return urls;
}

std::string Cluster::urlOf(const std::string& node) const {
  const std::lock_guard lock(mutex_);
  const auto found = ready_.find(node);
  return found == ready_.end() ? std::string() : found->second;
}

/// By an ACL, for a Sentinel does not suffer a proxy between the two.
void Cluster::cutReplicaOff() {
  redis().cli({"ACL", "SETUSER", "default", "-psync", "-sync"});
  redis().cli({"CLIENT", "KILL", "TYPE", "replica"});
}

bool Cluster::hasNewMaster() {
  const RedisServer& other = *servers_[1 - master_];
  const std::string named = sentinel_->cli({"SENTINEL", "get-master-addr-by-name", master_name});
  if (named.find(std::to_string(other.port())) == std::string::npos || !isMaster(other))
    return false;
  master_ = 1 - master_;
  master_port_ = redis().port();
  return true;
}

void Cluster::followNewMaster() {
  formerMaster().cli({"REPLICAOF", "127.0.0.1", std::to_string(redis().port())});
}

void Cluster::bringBackKilled() {
  formerMaster().restart({"--replicaof", "127.0.0.1", std::to_string(redis().port())});
}

bool Cluster::replicaFollows() const {
  return follows(*servers_[1 - master_]);
}

std::string Cluster::replication() const {
  std::string told;
  for (const auto& server : servers_)
    told += std::to_string(server->port()) + ": " + server->cli({"INFO", "replication"}) + "\n";
  return told;
}

std::int64_t Cluster::masterOffset() const {
  return offsetAt(redis(), "master_repl_offset");
}

bool Cluster::replicaHas(std::int64_t offset) const {
  return offsetAt(*servers_[1 - master_], "slave_repl_offset") >= offset;
}

}  // namespace scanhost::faults
