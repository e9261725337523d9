// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// A node's inside for tests of the dispatcher: the real queue and result store, loaded as the host
/// loads them, and scripted scanners. Change `config` and call `addScanner` before `worker`.
///
/// Waiting helpers fail the test when what is waited for does not come.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <fstream>
#include <map>
#include <memory>
#include <optional>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

#include "host/base/keyring.h"
#include "host/base/movable_clock_test.h"
#include "host/plugins/instance.h"
#include "host/plugins/schema.h"
#include "host/policy/ledger_reading.h"
#include "host/tasks/dispatcher.h"
#include "host/tasks/task_id.h"
#include "tests/plugins/plugin_folder.h"

namespace scanhost {

/// Knows the names that a test tells it.
class TestResolver : public Resolver {
 public:
  std::map<std::string, std::string> addresses;

  Result<std::vector<Address>> resolve(const std::string& name,
                                       std::chrono::milliseconds) override {
    const auto found = addresses.find(name);
    if (found == addresses.end()) return fail(ErrorClass::target, name + " has no address");
    return std::vector{*parseAddress(found->second)};
  }
};

class DispatcherTest : public testing::Test {
 protected:
  using Clock = std::chrono::steady_clock;
  static constexpr std::chrono::seconds patience{20};

  DispatcherTest() {
    for (const char* store : {"queue-sqlite", "results-sqlite"})
      folder_.addFile(
          std::filesystem::path(SCANHOST_BINARY_DIR) / "plugins" / (std::string(store) + ".so"),
          store);
    for (const char* scanner : {"scanner-far", "scanner-near"}) folder_.add(scanner);
    config.tasks.timeout = std::chrono::hours(1);
    config.tasks.timeout_warning = 0.9;
    config.tasks.lease = std::chrono::seconds(60);
    config.tasks.poll_interval = std::chrono::milliseconds(200);
    config.tasks.retry = {3, std::chrono::milliseconds(50), std::chrono::milliseconds(100)};
    config.tasks.scanner_outage = std::chrono::hours(1);
    config.tasks.max_takeovers = 5;
    config.tasks.max_paused = std::chrono::hours(24);
    config.limits.target_entries = 100;
    config.limits.target_addresses = 1000;
    config.limits.queued_per_client = 1000;
    config.limits.text_field = 64u << 10;
    queue_instance_ = makeInstance("queue-sqlite", SCANHOST_QUEUE_ID, "queue",
                                   Json::object({{"path", "queue.db"}, {"synchronous", "normal"}}));
    results_instance_ = makeInstance("results-sqlite", SCANHOST_RESULTS_ID, "results",
                                     Json::object({{"path", "results.db"}}));
    queue.emplace("queue-sqlite", &queue_instance_->table<scanhost_interface>(),
                  queue_instance_->self());
    results.emplace("results-sqlite", &results_instance_->table<scanhost_interface>(),
                    results_instance_->self());
  }
  ~DispatcherTest() override { workers_.clear(); }

  // ---- arrange ---------------------------------------------------------------------------

  /// The folder through which the scanner is scripted; its pool is its name.
  std::filesystem::path addScanner(const std::string& name, ScannerKind kind,
                                   Json settings = Json::object(), std::uint32_t limit = 10,
                                   const std::string& instance_name = "one") {
    const auto backend = folder_.base() / ("backend-" + name + "-" + instance_name);
    std::filesystem::create_directory(backend);
    settings["folder"] = backend.string();
    const std::string plugin = kind == ScannerKind::remote ? "scanner-far" : "scanner-near";
    auto instance = makeInstance(plugin, ScannerClient::interfaceId(kind),
                                 name + "-" + instance_name, std::move(settings));
    auto client = std::make_shared<ScannerClient>(plugin, &instance->table<scanhost_interface>(),
                                                  instance->self(), kind);
    ScannerSettings about;
    about.pool = name;
    about.name = instance_name;
    about.type = plugin.substr(8);
    about.limit = limit;
    about.circuit = {2, std::chrono::milliseconds(400), std::chrono::seconds(5)};
    scanner_instances_.push_back(std::move(instance));
    clients_.push_back(client);
    scanners_made_.push_back(
        std::make_shared<ScannerInstance>(about, client, *client->describe(), events_, metrics));
    return backend;
  }

  /// Puts another instance of that name in its place, as a reload does, or none; a local scan may
  /// go on on the old one for `drain`. `settings` as of addScanner.
  void swapScanner(const std::string& name, ScannerKind kind, Json settings,
                   std::chrono::milliseconds drain = std::chrono::hours(1)) {
    addScanner(name, kind, std::move(settings));
    takeOver(std::exchange(scanners_made_, {}), drain);
  }
  void removeScanners(std::chrono::milliseconds drain = std::chrono::hours(1)) {
    takeOver({}, drain);
  }

  static void script(const std::filesystem::path& backend, const std::string& json) {
    std::ofstream(backend / "script.json") << json;
  }

  /// A dispatcher under way. Destroying it is as sudden as a node's death.
  Dispatcher& worker(const std::string& name = "worker") {
    auto& made = workers_.emplace_back(std::make_unique<Dispatcher>(work(), name));
    made->start();
    return *made;
  }
  void kill(Dispatcher& dying) {
    workers_.erase(std::find_if(workers_.begin(), workers_.end(),
                                [&](const auto& one) { return one.get() == &dying; }));
  }

  const Work& work() {
    if (!work_) makeWork();
    return *work_;
  }
  void doubtTheQueue(Timestamp when) {
    if (!work_) makeWork();
    work_->queue_doubted = [when] { return when; };
  }

  /// Decisions are written down; before the first use of `work`.
  void keepLedger() {
    // Each entry begins a file, so that a folder that is not in its place is a disk that refuses.
    auto opened =
        Ledger::open(folder_.base() / "audit",
                     {.node = "node", .file_bytes = 1, .retry = std::chrono::milliseconds(20)});
    ASSERT_TRUE(opened) << opened.error().message;
    ledger_ = std::move(*opened);
    ASSERT_TRUE(ledger_->append({.kind = AuditKind::start}));
  }
  void breakLedger() {
    std::filesystem::rename(folder_.base() / "audit", folder_.base() / "audit-gone");
  }
  void mendLedger() {
    std::filesystem::rename(folder_.base() / "audit-gone", folder_.base() / "audit");
    EXPECT_TRUE(eventually([&] { return ledger_->failure().empty(); }));
  }

  std::string submit(const std::string& pool, const std::string& name = "scan",
                     Timestamp created = Timestamp::now(), bool resubmitted = false) {
    const std::string id = makeTaskId(pool, "one", created);
    SubmissionDocument document = untrustedScan(name);
    document.resubmitted = resubmitted;
    submitDocument(id, pool, document, created);
    return id;
  }
  /// One whose login was sealed by a node with these keys; damaged when it was for another task.
  std::string submitWithLogin(const std::string& pool, const Keyring& sealed_with,
                              const std::string& sealed_for = "") {
    const std::string id = makeTaskId(pool, "one", Timestamp::now());
    SubmissionDocument document = untrustedScan("scan");
    document.scan_type = "authenticated";
    document.sealed_login = Credentials({}, sealed_with)
                                .seal(sealed_for.empty() ? id : sealed_for, {{"username", "scan"}});
    submitDocument(id, pool, document, Timestamp::now());
    return id;
  }

  void request(const std::string& id, TaskRequest what) {
    EXPECT_TRUE(queue->request(id, what, Timestamp::now().micros, {.timeout = patience}));
    tellWorkers(id);
  }
  /// As the watch of the queue's changes tells them that something was asked of a task.
  void tellWorkers(const std::string& id) {
    for (const auto& one : workers_) one->changed({{}, {{0, id, TaskState::running}}});
  }

  // ---- look ------------------------------------------------------------------------------

  QueuedTask task(const std::string& id) {
    const auto got = queue->get(id, {.timeout = patience});
    return got && *got ? **got : QueuedTask{};
  }

  template <class Holds>
  bool eventually(Holds&& holds, std::chrono::milliseconds within = patience) {
    const auto until = Clock::now() + within;
    while (!holds()) {
      if (Clock::now() > until) return false;
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
    return true;
  }

  QueuedTask waitFor(const std::string& id, TaskState state) {
    EXPECT_TRUE(eventually([&] { return task(id).state == state; }))
        << "the task is " << taskStateName(task(id).state) << ", " << task(id).error_message
        << "; waited for " << taskStateName(state);
    return task(id);
  }

  /// Lines of the scanner's journal that begin so.
  static std::vector<std::string> calls(const std::filesystem::path& backend,
                                        const std::string& operation) {
    std::istringstream journal(PluginFolder::contents(backend / "journal"));
    std::vector<std::string> found;
    for (std::string line; std::getline(journal, line);)
      if (line.rfind(operation + " ", 0) == 0) found.push_back(line.substr(operation.size() + 1));
    return found;
  }
  bool waitForCall(const std::filesystem::path& backend, const std::string& operation,
                   std::size_t times = 1) {
    return eventually([&] { return calls(backend, operation).size() >= times; });
  }

  /// All events of that name so far, oldest first.
  std::vector<EventPtr> events(const std::string& name) {
    for (;;) {
      const auto batch = subscription_->waitBatch(1000, std::chrono::milliseconds(0));
      if (batch.empty()) break;
      seen_.insert(seen_.end(), batch.begin(), batch.end());
    }
    std::vector<EventPtr> found;
    for (const EventPtr& event : seen_)
      if (event->event == name) found.push_back(event);
    return found;
  }
  bool waitForEvent(const std::string& name, std::size_t times = 1) {
    return eventually([&] { return events(name).size() >= times; });
  }

  /// Of the ledger, newest first.
  std::vector<Json> auditEntries(AuditKind kind) const {
    const auto page = readLedger(folder_.base() / "audit", {.kind = kind, .limit = 1000});
    EXPECT_TRUE(page) << page.error().message;
    return page ? page->entries : std::vector<Json>();
  }

  /// Of a histogram, how many it holds.
  double metric(const std::string& name, const MetricLabels& labels) const {
    for (const MetricFamily& family : metrics.snapshot())
      if (family.name == name)
        for (const MetricSample& sample : family.metrics)
          if (std::is_permutation(labels.begin(), labels.end(), sample.labels.begin(),
                                  sample.labels.end()))
            return family.type == MetricType::histogram ? static_cast<double>(sample.count)
                                                        : sample.value;
    return -1;
  }

  const Keyring& keys() const { return keys_; }
  std::filesystem::path folder() const { return folder_.base(); }
  /// Those of a node with a key file of its own.
  Keyring otherKeys() const { return *Keyring::loadOrCreate(folder_.base() / "other-keys.json"); }
  EventLog& eventLog() { return events_; }
  KillSwitch& killSwitch() { return kill_switch_; }
  ScannerInstance& scanner(std::size_t at = 0) { return *(*scanners_)->all().at(at); }
  const ScannerClient& client(std::size_t at = 0) const { return *clients_.at(at); }

  Config config;
  Metrics metrics;
  MovableClock clock;
  std::atomic<std::uint64_t> free_bytes{1000};  ///< on the disk; fewer than 1000 are too few
  std::optional<QueueClient> queue;
  std::optional<ResultsClient> results;
  TestResolver resolver;
  /// Of policy: a reload puts another.
  Live<Scope> scope{std::make_shared<const Scope>(*Scope::make({"10.0.0.0/8"}, {}))};

 private:
  static SubmissionDocument untrustedScan(const std::string& name) {
    SubmissionDocument document;
    document.name = name;
    document.targets = "10.0.0.1";
    document.scan_type = "untrusted";
    return document;
  }

  void submitDocument(const std::string& id, const std::string& pool,
                      const SubmissionDocument& document, Timestamp created) {
    Submission submission;
    submission.id = id;
    submission.trace_id = "550e8400-e29b-41d4-a716-446655440000";
    submission.owner = "alice";
    submission.pool = pool;
    submission.submission = document.toText();
    submission.created_us = created.micros;
    submission.cap = 10'000;
    const auto answer = queue->submit(submission, {.timeout = patience});
    EXPECT_TRUE(answer && answer->outcome == QueueOutcome::created);
  }

  std::unique_ptr<PluginInstance> makeInstance(const std::string& plugin,
                                               std::string_view interface, const std::string& name,
                                               Json settings) {
    const auto loaded = loader_.load(plugin);
    if (!loaded) throw std::runtime_error(loaded.error().message);
    const auto schema = Schema::compile((*loaded)->manifest().config_schema);
    auto instance = PluginInstance::create(**loaded, interface,
                                           {.name = name,
                                            .settings = schema->check(settings).values,
                                            .data_dir = folder_.base() / ("data-" + name)});
    if (!instance) throw std::runtime_error(instance.error().message);
    if (const Status started = (*instance)->start({}); !started)
      throw std::runtime_error(started.error().message);
    return std::move(*instance);
  }

  void takeOver(std::vector<ScannerPtr> instances, std::chrono::milliseconds drain) {
    for (const ScannerPtr& one : instances) one->enterService();
    const auto before =
        scanners_->put(std::make_shared<const Scanners>(std::move(instances), "far"));
    for (const ScannerPtr& one : before->all()) one->retire(Clock::now() + drain);
  }

  void makeWork() {
    std::vector<PoolSeries> pools;
    for (const auto& made : scanners_made_)
      if (made->settings().name == "one")
        pools.push_back({made->settings().pool, made->settings().type, {{"one", true, {}}}});
    metrics.declarePools(pools);
    for (const ScannerPtr& made : scanners_made_) made->enterService();
    scanners_.emplace(std::make_shared<const Scanners>(std::exchange(scanners_made_, {}), "far"));
    work_.emplace(Work{live_config_, *queue, *results, *scanners_, scope, resolver, credentials_,
                       task_events_, metrics, durations_, disk_, clock});
    work_->ledger = ledger_.get();
    work_->kill_switch = &kill_switch_;
  }

  PluginFolder folder_;
  PluginLoader loader_{{.folder = folder_.path()}};
  EventLog events_{{.level = Level::debug, .on_dropped = {}, .fallback_fd = -1}};
  std::unique_ptr<EventSubscription> subscription_ = events_.subscribe("test");
  std::vector<EventPtr> seen_;
  TaskEvents task_events_{events_};
  ScanDurations durations_;
  DiskSpace disk_{[this] { return std::optional(free_bytes.load()); }, 1000};
  /// The member that tests write into.
  Live<Config> live_config_{std::shared_ptr<const Config>(std::shared_ptr<void>(), &config)};
  Keyring keys_ = *Keyring::loadOrCreate(folder_.base() / "keys.json");
  Credentials credentials_{folder_.base() / "credentials", keys_};
  std::unique_ptr<PluginInstance> queue_instance_, results_instance_;
  std::vector<std::unique_ptr<PluginInstance>> scanner_instances_;
  std::vector<std::shared_ptr<const ScannerClient>> clients_;
  std::vector<ScannerPtr> scanners_made_;
  std::optional<Live<Scanners>> scanners_;
  KillSwitch kill_switch_{folder_.base() / "kill_switch", {}};
  std::unique_ptr<Ledger> ledger_;
  std::optional<Work> work_;
  std::vector<std::unique_ptr<Dispatcher>> workers_;
};

}  // namespace scanhost
