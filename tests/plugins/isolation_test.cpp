// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// Plugins in processes of their own: what works, and what happens to whom when they misbehave.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <scanhost/abi/exporter.h>
#include <signal.h>

#include <condition_variable>
#include <future>
#include <mutex>
#include <thread>

#include "host/abi/clock_service.h"
#include "host/abi/process_service.h"
#include "host/plugins/instance.h"
#include "host/plugins/scanner_client.h"
#include "tests/plugins/plugin_folder.h"

namespace scanhost {
namespace {

using namespace std::chrono_literals;
using testing::AllOf;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

class Recorder : public ScanSinkHandler {
 public:
  Status onFindings(std::span<const scanhost_finding* const> records) override {
    ++batches;
    count += records.size();
    last_output = toString(records.back()->output);
    if (refuse) return fail(ErrorClass::cancelled, "enough");
    return {};
  }
  Status onHosts(std::span<const scanhost_host_report* const> records) override {
    for (const scanhost_host_report* record : records) hosts.push_back(toString(record->host));
    return {};
  }
  Status onProgress(int value, std::string_view) override {
    percent = value;
    return {};
  }
  Status onSummary(const Summary& told) override {
    summary = told;
    return {};
  }

  bool refuse = false;
  std::size_t batches = 0, count = 0;
  std::string last_output;
  std::vector<std::string> hosts;
  int percent = -1;
  std::optional<Summary> summary;
};

/// What an instance's watch was told.
class Watch {
 public:
  RunnerWatch abi() {
    return {[this](const CrashReport& report) { note([&] { crashes_.push_back(report); }); },
            [this](int restarts, const CrashReport&) { note([&] { restarts_ = restarts; }); },
            [this](const CrashReport&) { note([&] { given_up_ = true; }); },
            [this](const std::string& text) { note([&] { confinement_ = text; }); }};
  }
  /// Whether it came to pass within a while.
  template <class Condition>
  bool waitFor(Condition&& condition) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, 20s, [&] { return condition(*this); });
  }
  CrashReport lastCrash() {
    waitFor([](const Watch& watch) { return !watch.crashes_.empty(); });
    const std::lock_guard lock(mutex_);
    return crashes_.empty() ? CrashReport{} : crashes_.back();
  }
  bool waitForRestart(int restarts) {
    return waitFor([=](const Watch& watch) { return watch.restarts_ >= restarts; });
  }
  bool waitUntilGivenUp() {
    return waitFor([](const Watch& watch) { return watch.given_up_; });
  }
  std::string confinement() {
    const std::lock_guard lock(mutex_);
    return confinement_;
  }

 private:
  template <class Change>
  void note(Change&& change) {
    const std::lock_guard lock(mutex_);
    change();
    changed_.notify_all();
  }

  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<CrashReport> crashes_;
  int restarts_ = 0;
  bool given_up_ = false;
  std::string confinement_;
};

class Isolation : public testing::Test {
 protected:
  Isolation() {
    options_.program = std::filesystem::path(SCANHOST_BINARY_DIR) / "bin/scanhost-runner";
    options_.first_backoff = 1ms;
    options_.call_grace = 300ms;
    clock_.registerIn(services_);
    processes_.registerIn(services_);
  }

  const LoadedPlugin* isolate(const std::string& name) {
    folder_.add(name);
    loader_.emplace(PluginLoader::Options{
        .folder = folder_.path(), .services = &services_, .runner = options_});
    const auto plugin = loader_->isolate(name);
    EXPECT_TRUE(plugin) << plugin.error().message;
    return plugin ? *plugin : nullptr;
  }

  Result<std::unique_ptr<PluginInstance>> tryMake(const LoadedPlugin& plugin,
                                                  std::string_view interface,
                                                  Json settings = Json::object()) {
    return PluginInstance::create(
        plugin, interface,
        {.name = "one",
         .settings = std::move(settings),
         .data_dir = folder_.base() / "data",
         .services = &services_,
         .events =
             [this](int, std::string_view event, std::string_view fields, const auto&) {
               const std::lock_guard lock(events_mutex_);
               events_.push_back(std::string(event) + " " + std::string(fields));
             },
         .watch = watch_.abi()});
  }

  /// A started scanner, ready for scans.
  void begin(const std::string& name, ScannerKind kind = ScannerKind::local,
             Json settings = Json::object()) {
    const LoadedPlugin* plugin = isolate(name);
    ASSERT_TRUE(plugin);
    auto made = tryMake(*plugin, ScannerClient::interfaceId(kind), std::move(settings));
    ASSERT_TRUE(made) << made.error().message;
    instance_ = std::move(*made);
    ASSERT_TRUE(instance_->start({.timeout = 10s}));
    client_.emplace(name, &instance_->table<scanhost_interface>(), instance_->self(), kind,
                    CallObserver{}, instance_->events());
  }

  Status scan(const std::string& deed, CallOptions options = {.timeout = 30s}) {
    ScanRequest request;
    request.task_id = "task-1";
    request.marker = "[scanhost:task-1/1]";
    request.name = deed;
    if (password_) request.credential.emplace("ssh-password", Pairs{{"password", *password_}});
    recorder_ = Recorder{};
    recorder_.refuse = refuse_;
    return client_->scan(request, recorder_, std::move(options));
  }
  /// What came of a deed that returns.
  std::string outcome(const std::string& deed) {
    const Status done = scan(deed);
    return done ? recorder_.last_output : "failed: " + done.error().message;
  }
  std::vector<std::string> events() {
    const std::lock_guard lock(events_mutex_);
    return events_;
  }

  PluginFolder folder_;
  ServiceRegistry& services_ = *new ServiceRegistry;
  ClockService& clock_ = *new ClockService;
  ProcessService& processes_ = *new ProcessService;
  RunnerOptions options_;
  Watch watch_;
  std::mutex events_mutex_;
  std::vector<std::string> events_;
  std::optional<std::string> password_;
  bool refuse_ = false;
  std::optional<PluginLoader> loader_;
  std::unique_ptr<PluginInstance> instance_;
  std::optional<ScannerClient> client_;
  Recorder recorder_;
};

// --- what works ---

TEST_F(Isolation, AScanTellsFindingsHostsProgressAndSummaryAsInThisProcess) {
  begin("scanner-near", ScannerKind::local,
        Json::object({{"folder", (folder_.base() / "data").string()}}));
  const Status done = scan("a scan");
  ASSERT_TRUE(done) << done.error().message;
  EXPECT_EQ(recorder_.count, 1u);
  EXPECT_THAT(recorder_.hosts, ElementsAre("10.0.0.1"));
  EXPECT_EQ(recorder_.percent, 50);
  ASSERT_TRUE(recorder_.summary);
  EXPECT_TRUE(recorder_.summary->complete);
}

TEST_F(Isolation, ThePluginRunsInAnotherProcess) {
  begin("scanner-wild");
  const std::string pid = outcome("process");
  EXPECT_NE(pid, std::to_string(getpid()));
  EXPECT_EQ(std::filesystem::read_symlink("/proc/" + pid + "/exe").filename(), "scanhost-runner");
}

TEST_F(Isolation, ManyFindingsComeThroughWhole) {
  begin("scanner-wild");
  ASSERT_TRUE(scan("many 10000"));
  EXPECT_EQ(recorder_.count, 10001u);
}

TEST_F(Isolation, CallsAtOnceAreServedAtOnce) {
  begin("scanner-wild");
  const auto stop = std::make_shared<CancelSource>();
  auto waiting = std::async(std::launch::async, [&] {
    ScanRequest request;
    request.name = "wait";
    Recorder recorder;
    return client_->scan(request, recorder, {.timeout = 30s, .cancel = stop});
  });
  EXPECT_TRUE(scan("nothing"));
  stop->cancel();
  const Status waited = waiting.get();
  ASSERT_FALSE(waited);
  EXPECT_EQ(waited.error().error_class, ErrorClass::cancelled);
}

TEST_F(Isolation, TheSinksRefusalReachesThePlugin) {
  begin("scanner-wild");
  refuse_ = true;
  const Status done = scan("many 100000");
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().message, "enough");
  EXPECT_EQ(recorder_.batches, 1u);
}

TEST_F(Isolation, ADeadlineEndsACallThatKeepsToIt) {
  begin("scanner-wild");
  const Status done = scan("wait", {.timeout = 50ms});
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().error_class, ErrorClass::timeout);
  EXPECT_TRUE(scan("nothing"));
}

TEST_F(Isolation, ARemoteScannersReferencesAndStatesComeThrough) {
  begin("scanner-far", ScannerKind::remote,
        Json::object({{"folder", (folder_.base() / "data").string()}}));
  ScanRequest request;
  request.task_id = "task-1";
  request.marker = "[scanhost:task-1/1]";
  request.name = "a scan";
  const auto reference = client_->prepare(request, {.timeout = 10s});
  ASSERT_TRUE(reference) << reference.error().message;
  const auto run = client_->start({*reference, "", request.marker}, {.timeout = 10s});
  ASSERT_TRUE(run) << run.error().message;
  const auto found = client_->find("[scanhost:task-1/", {.timeout = 10s});
  ASSERT_TRUE(found) << found.error().message;
  ASSERT_EQ(found->size(), 1u);
  EXPECT_EQ((*found)[0].reference, *reference);
  const std::vector<RemoteScan> scans = {{*reference, *run, request.marker}};
  const auto states = client_->poll(scans, {.timeout = 10s});
  ASSERT_TRUE(states) << states.error().message;
  ASSERT_EQ(states->size(), 1u);
  EXPECT_EQ((*states)[0].run_id, *run);
}

// --- what goes wrong, and stays there ---

TEST_F(Isolation, ACrashFailsTheCallAndNamesSignalAndFunction) {
  begin("scanner-wild");
  const Status done = scan("crash");
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().error_class, ErrorClass::internal);
  EXPECT_EQ(done.error().subject, ErrorSubject::task);
  EXPECT_THAT(done.error().message,
              HasSubstr("scanner-wild (one): its process died of SIGSEGV in scan"));
}

TEST_F(Isolation, ACrashReportHasWhatAVendorNeeds) {
  begin("scanner-wild");
  scan("crash");
  const CrashReport report = watch_.lastCrash();
  EXPECT_EQ(report.signal, "SIGSEGV");
  EXPECT_EQ(report.plugin, "scanner-wild");
  EXPECT_EQ(report.instance, "one");
  EXPECT_EQ(report.version, "3.2.1");
  EXPECT_EQ(report.last_call, "scan");
  EXPECT_THAT(report.tasks, ElementsAre("task-1"));
  EXPECT_THAT(report.build_id, testing::MatchesRegex("[0-9a-f]{16,}"));
  ASSERT_THAT(report.backtrace, Not(IsEmpty()));
  EXPECT_TRUE(std::any_of(report.backtrace.begin(), report.backtrace.end(),
                          [](const auto& frame) { return frame.module == "plugin"; }));
}

TEST_F(Isolation, AStackOverflowIsReportedToo) {
  begin("scanner-wild");
  EXPECT_FALSE(scan("overflow"));
  const CrashReport report = watch_.lastCrash();
  EXPECT_EQ(report.signal, "SIGSEGV");
  EXPECT_THAT(report.backtrace, Not(IsEmpty()));
}

TEST_F(Isolation, TheCrashReportsErrorOutputHoldsNoSecret) {
  password_ = "pass-canary-77";
  begin("scanner-wild", ScannerKind::local, Json::object({{"token", "token-canary-55"}}));
  scan("complain");
  const std::string report = watch_.lastCrash().toJson().dump();
  EXPECT_THAT(report, HasSubstr("the token is [redacted] and the password [redacted]"));
  EXPECT_THAT(report, Not(AnyOf(HasSubstr("token-canary-55"), HasSubstr("pass-canary-77"))));
  EXPECT_THAT(events(), Contains(HasSubstr("plugin_stderr")));
  for (const std::string& event : events())
    EXPECT_THAT(event, Not(AnyOf(HasSubstr("token-canary-55"), HasSubstr("pass-canary-77"))));
}

TEST_F(Isolation, AnExitIsACrash) {
  begin("scanner-wild");
  const Status done = scan("exit");
  ASSERT_FALSE(done);
  EXPECT_THAT(done.error().message, HasSubstr("ended by itself with exit code 7"));
}

TEST_F(Isolation, AnExceptionOfAnyRuntimeIsAnErrorAndNotACrash) {
  begin("scanner-wild");
  const Status done = scan("throw");
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().error_class, ErrorClass::internal);
  EXPECT_TRUE(scan("nothing"));
}

TEST_F(Isolation, AfterACrashANewRunnerHasTheSameSettings) {
  const auto list = folder_.base() / "words";
  std::ofstream(list) << "x";
  begin("scanner-wild", ScannerKind::local, Json::object({{"word_list", list.string()}}));
  scan("crash");
  ASSERT_TRUE(watch_.waitForRestart(1));
  EXPECT_EQ(outcome("word-list"), "done");
}

TEST_F(Isolation, CallsBeforeTheRestartSayWhyAndWhenToComeAgain) {
  options_.first_backoff = 5s;
  begin("scanner-wild");
  scan("crash");
  watch_.lastCrash();
  const Status done = scan("nothing");
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().error_class, ErrorClass::transient);
  EXPECT_EQ(done.error().subject, ErrorSubject::backend);
  EXPECT_GT(done.error().retry_after, 1s);
  EXPECT_THAT(done.error().message, HasSubstr("SIGSEGV"));
}

TEST_F(Isolation, OneThatCrashesAgainAndAgainIsGivenUp) {
  options_.crashes_to_give_up = 3;
  begin("scanner-wild");
  for (int i = 1; i <= 3; ++i) {
    EXPECT_FALSE(scan("crash"));
    if (i < 3) {
      ASSERT_TRUE(watch_.waitForRestart(i));
    }
  }
  ASSERT_TRUE(watch_.waitUntilGivenUp());
  EXPECT_TRUE(instance_->isGivenUp());
  const Status done = scan("nothing");
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().error_class, ErrorClass::config);
  EXPECT_THAT(done.error().message, HasSubstr("died 3 times and is given up"));
}

TEST_F(Isolation, ACallThatDoesNotReturnCostsItsRunnerItsLife) {
  begin("scanner-wild");
  const auto began = std::chrono::steady_clock::now();
  const Status done = scan("block", {.timeout = 100ms});
  ASSERT_FALSE(done);
  EXPECT_LT(std::chrono::steady_clock::now() - began, 5s);
  EXPECT_THAT(done.error().message, HasSubstr("did not return from scan in time"));
  EXPECT_EQ(watch_.lastCrash().signal, "SIGKILL");
}

TEST_F(Isolation, ACancelledCallThatGoesOnTellingIsEndedAllTheSame) {
  begin("scanner-wild");
  const auto stop = std::make_shared<CancelSource>();
  auto telling =
      std::async(std::launch::async, [&] { return scan("many 2000000000", {.cancel = stop}); });
  std::this_thread::sleep_for(100ms);
  stop->cancel();
  ASSERT_EQ(telling.wait_for(10s), std::future_status::ready);
  const Status done = telling.get();
  ASSERT_FALSE(done);
  EXPECT_THAT(done.error().message, HasSubstr("did not return from scan in time"));
}

TEST_F(Isolation, ARunnerThatIsStoppedIsTakenForDead) {
  options_.silence = 1500ms;
  begin("scanner-wild");
  const pid_t runner = std::stoi(outcome("process"));
  kill(runner, SIGSTOP);
  EXPECT_THAT(watch_.lastCrash().reason, HasSubstr("was silent"));
}

TEST_F(Isolation, OneThatLeaksEndsAtItsBound) {
  options_.memory_bytes = 256u << 20;
  begin("scanner-wild");
  const Status done = scan("leak");
  ASSERT_FALSE(done) << "std::bad_alloc or a crash, by what allocates last";
  ASSERT_TRUE(watch_.waitFor([](const auto&) { return true; }));
}

TEST_F(Isolation, AFloodOfEventsSlowsDownWhoFloods) {
  begin("scanner-wild");
  const auto began = std::chrono::steady_clock::now();
  ASSERT_TRUE(scan("flood 2200"));
  EXPECT_GT(std::chrono::steady_clock::now() - began, 1s);
  EXPECT_EQ(events().size(), 2200u);  // nothing is lost
}

TEST_F(Isolation, ACrashInPrepareLeavesDoubtAndIsAmbiguous) {
  const auto data = folder_.base() / "data";
  std::filesystem::create_directory(data);
  std::ofstream(data / "script.json") << R"({"prepare": [{"sleep_ms": 5000}]})";
  begin("scanner-far", ScannerKind::remote, Json::object({{"folder", data.string()}}));
  auto preparing = std::async(std::launch::async, [&] {
    ScanRequest request;
    request.task_id = "task-1";
    request.marker = "[scanhost:task-1/1]";
    return client_->prepare(request, {.timeout = 10s});
  });
  while (PluginFolder::contents(data / "journal").find("prepare") == std::string::npos)
    std::this_thread::sleep_for(5ms);
  for (const auto& process : std::filesystem::directory_iterator("/proc")) {
    std::error_code ignored;
    const auto program = std::filesystem::read_symlink(process.path() / "exe", ignored);
    if (program == options_.program &&
        PluginFolder::contents(process.path() / "stat")
                .find(") S " + std::to_string(getpid()) + " ") != std::string::npos)
      kill(std::stoi(process.path().filename()), SIGKILL);
  }
  const auto reference = preparing.get();
  ASSERT_FALSE(reference);
  EXPECT_EQ(reference.error().error_class, ErrorClass::ambiguous);
}

// --- what a runner may reach ---

TEST_F(Isolation, SaysWhatConfinesIt) {
  begin("scanner-wild");
  EXPECT_THAT(watch_.confinement(), HasSubstr("seccomp"));
}

TEST_F(Isolation, ReadsNoFileBeyondTheSystemsAndItsOwn) {
  const auto secret = folder_.base() / "secret";
  std::ofstream(secret) << "key";
  begin("scanner-wild");
  if (watch_.confinement().find("no landlock") != std::string::npos)
    GTEST_SKIP() << "this kernel has no Landlock";
  EXPECT_EQ(outcome("read " + secret.string()), "Permission denied");
  EXPECT_EQ(outcome("read /etc/shadow"), "Permission denied");
  EXPECT_EQ(outcome("write " + (folder_.base() / "new").string()), "Permission denied");
  EXPECT_EQ(outcome("write " + (folder_.base() / "data" / "own").string()), "done");
}

TEST_F(Isolation, ReachesNoOtherProcess) {
  begin("scanner-wild");
  EXPECT_EQ(outcome("kill"), "Operation not permitted");
  EXPECT_EQ(outcome("trace"), "Operation not permitted");
}

TEST_F(Isolation, ChangesNoSettingOfAnotherProcess) {
  begin("scanner-wild");
  for (const char* deed : {"limit", "priority", "own-signals"})
    EXPECT_EQ(outcome(deed), "Operation not permitted") << deed;
}

TEST_F(Isolation, ChangesNoModeOfAFile) {
  const auto file = folder_.base() / "keys";
  std::ofstream(file) << "key";
  begin("scanner-wild");
  EXPECT_EQ(outcome("mode " + file.string()), "Operation not permitted");
  EXPECT_EQ(outcome("newer-mode " + file.string()), "Operation not permitted");
}

TEST_F(Isolation, KeepsNoCapabilityAndNoMemoryThatNobodyCounts) {
  begin("scanner-wild");
  EXPECT_EQ(outcome("capabilities"), "0000000000000000");
  EXPECT_EQ(outcome("hidden-memory"), "Operation not permitted");
}

TEST_F(Isolation, StartsNoProgramWithoutTheServiceForIt) {
  begin("scanner-wild");
  EXPECT_EQ(outcome("run"), "Operation not permitted");
}

TEST_F(Isolation, ReachesTheNetworkAndNoServiceOfThisMachineBySocketFile) {
  begin("scanner-wild");
  EXPECT_EQ(outcome("inet-socket"), "done");
  EXPECT_EQ(outcome("unix-socket"), "Address family not supported by protocol");
}

// --- what cannot be brought up ---

TEST_F(Isolation, AMissingRunnerIsNamedWithTheRemedy) {
  options_.program = "/nonexistent/scanhost-runner";
  const LoadedPlugin* plugin = isolate("scanner-wild");
  const auto made = tryMake(*plugin, SCANHOST_SCANNER_LOCAL_ID);
  ASSERT_FALSE(made);
  EXPECT_EQ(made.error().error_class, ErrorClass::config);
  EXPECT_THAT(made.error().message, HasSubstr("/nonexistent/scanhost-runner cannot be started"));
}

TEST_F(Isolation, AProgramThatIsNoRunnerIsRefused) {
  options_.program = "/bin/cat";  // answers the greeting with the greeting
  const LoadedPlugin* plugin = isolate("scanner-wild");
  EXPECT_FALSE(tryMake(*plugin, SCANHOST_SCANNER_LOCAL_ID));
}

/// A runner that a plugin took over: what it sends is read as an attack.
class HostileRunner : public Isolation, public testing::WithParamInterface<const char*> {};

TEST_P(HostileRunner, FailsItsOwnCallAndIsEnded) {
  options_.program = folder_.base() / ("hostile-" + std::string(GetParam()));
  std::filesystem::create_symlink(std::filesystem::path(SCANHOST_FIXTURE_DIR) / "hostile_runner",
                                  options_.program);
  options_.ready_timeout = 300ms;
  options_.call_grace = 100ms;
  const LoadedPlugin* plugin = isolate("scanner-wild");
  const auto began = std::chrono::steady_clock::now();
  const auto made =
      PluginInstance::create(*plugin, SCANHOST_SCANNER_LOCAL_ID,
                             {.name = "one", .services = &services_, .create_timeout = 200ms});
  EXPECT_FALSE(made);
  EXPECT_LT(std::chrono::steady_clock::now() - began, 10s);
}

INSTANTIATE_TEST_SUITE_P(By, HostileRunner,
                         testing::Values("garbage", "vast-frame", "half-frame", "other-protocol",
                                         "torn-ready", "second-ready", "result-of-no-call",
                                         "torn-result", "sink-that-is-not", "unknown-kind",
                                         "call-from-below", "two-sinks-at-once",
                                         "series-that-is-not", "endless-list"),
                         [](const auto& test) {
                           std::string name = test.param;
                           std::replace(name.begin(), name.end(), '-', '_');
                           return name;
                         });

TEST_F(Isolation, APluginThatCannotBeEnteredIsRefusedWithItsReason) {
  const LoadedPlugin* plugin = isolate("exporter-no-interface");
  const auto made = tryMake(*plugin, SCANHOST_EXPORTER_ID);
  ASSERT_FALSE(made);
  EXPECT_EQ(made.error().error_class, ErrorClass::config);
  EXPECT_THAT(made.error().message, HasSubstr("get_interface has none"));
}

TEST_F(Isolation, AKindThatCannotBeIsolatedIsRefused) {
  folder_.add("queue-deaf");
  PluginLoader loader({.folder = folder_.path(), .runner = options_});
  const auto plugin = loader.isolate("queue-deaf");
  ASSERT_FALSE(plugin);
  EXPECT_THAT(plugin.error().message, HasSubstr("use isolation: none"));
}

}  // namespace
}  // namespace scanhost
