// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// Sinks that are full, slow or gone, and what they may not do: stall a scan, a probe or a stop.
#include <Poco/Net/HTTPClientSession.h>
#include <Poco/Net/HTTPRequest.h>
#include <Poco/Net/HTTPResponse.h>
#include <Poco/NullStream.h>
#include <Poco/StreamCopier.h>
#include <fcntl.h>
#include <gmock/gmock.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <fstream>
#include <iterator>
#include <mutex>
#include <set>
#include <sstream>
#include <thread>
#include <vector>

#include "tests/integration/service.h"

namespace scanhost::integration {
namespace {

using testing::HasSubstr;
using testing_support::NessusSimulator;
using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

template <class Holds>
bool eventually(Holds holds, std::chrono::milliseconds within = 20s) {
  const auto until = Clock::now() + within;
  while (!holds()) {
    if (Clock::now() > until) return false;
    std::this_thread::sleep_for(25ms);
  }
  return true;
}

/// A second log, `name` in the service's folder, beside that of every test.
std::function<void(const std::filesystem::path&)> withOther(const std::string& settings,
                                                            std::function<void(std::string)> make,
                                                            const std::string& name = "other") {
  return [=](const std::filesystem::path& data) {
    const auto folder = data.parent_path();
    const std::string other = (folder / name).string();
    if (make) make(other);
    std::ifstream in(folder / "scanhost.yaml");
    std::string text(std::istreambuf_iterator<char>(in), {});
    text.insert(text.find("scanners:"), "  - {plugin: exporter-jsonlog, config: {output: file, " +
                                            settings + "file: {path: " + other + "}}}\n");
    std::ofstream(folder / "scanhost.yaml") << text;
  };
}

/// A pipe with a reader that does not read unless it is told to.
class Pipe {
 public:
  ~Pipe() {
    stop_ = true;
    if (reader_.joinable()) reader_.join();
    if (fd_ >= 0) close(fd_);
  }
  void make(const std::string& path) {
    ASSERT_EQ(mkfifo(path.c_str(), 0600), 0);
    fd_ = open(path.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC);
  }
  /// So many bytes at a time, with a pause between; ends with the object.
  void read(std::size_t bytes, std::chrono::milliseconds pause) {
    reader_ = std::thread([=, this] {
      std::string some(bytes, '\0');
      while (!stop_) {
        const ssize_t count = ::read(fd_, some.data(), some.size());
        if (count > 0) {
          const std::lock_guard lock(mutex_);
          text_.append(some, 0, static_cast<std::size_t>(count));
        }
        std::this_thread::sleep_for(count > 0 ? pause : 5ms);
      }
    });
  }
  std::string text() const {
    const std::lock_guard lock(mutex_);
    return text_;
  }

 private:
  int fd_ = -1;
  std::atomic<bool> stop_{false};
  mutable std::mutex mutex_;
  std::string text_;
  std::thread reader_;
};

class SlowLogs : public testing::Test {
 protected:
  ServiceOptions with(std::function<void(const std::filesystem::path&)> before_start) const {
    return {.scanners = nessusScanner(nessus),
            .extra = "tasks: {poll_interval: 100ms}\nlog: {level: debug}\n",
            .before_start = std::move(before_start)};
  }
  /// An event each.
  static void knock(const Service& service, int times) {
    Poco::Net::HTTPClientSession session("127.0.0.1", service.port());
    session.setKeepAlive(true);
    Poco::NullOutputStream nowhere;
    for (int i = 0; i < times; ++i) {
      Poco::Net::HTTPRequest request("GET", "/livez", Poco::Net::HTTPMessage::HTTP_1_1);
      session.sendRequest(request);
      Poco::Net::HTTPResponse response;
      Poco::StreamCopier::copyStream(session.receiveResponse(response), nowhere);
    }
  }
  static void expectAScanAndProbesInTime(const Service& service) {
    const auto asked = Clock::now();
    EXPECT_EQ(service.get("/livez"), "ok");
    EXPECT_LT(Clock::now() - asked, 2s);
    client::Client client = service.client();
    EXPECT_EQ(waitForEnd(client, client.submit_scan("10.0.0.1", "LAN").task_id).status,
              "completed");
  }
  static double dropped(const Service& service) {
    return service.metric("scanhost_events_dropped_total{exporter=\"jsonlog\"}").value_or(-1);
  }

  NessusSimulator nessus{built("bin/nessus-simulator"), {"--scan-seconds", "0.2"}};
};

TEST_F(SlowLogs, APipeThatNobodyReadsStallsNoScanAndItsLossesAreCountedAndTold) {
  Pipe pipe;
  Service service(with(withOther("", [&](const std::string& path) { pipe.make(path); })));
  expectAScanAndProbesInTime(service);
  EXPECT_EQ(dropped(service), 0) << "they wait";
  // No more than it takes: what tells of the losses is told once a minute, and lost like all else.
  EXPECT_TRUE(eventually(
      [&] {
        knock(service, 500);
        return !service.events("events_dropped").empty();
      },
      60s))
      << "while nobody reads";
  EXPECT_GT(dropped(service), 0);
  expectAScanAndProbesInTime(service);

  pipe.read(1 << 20, 0ms);
  EXPECT_TRUE(eventually([&] { return pipe.text().find("events_dropped") != std::string::npos; }));

  const auto told = service.events("events_dropped");
  ASSERT_FALSE(told.empty());
  EXPECT_EQ(told[0]["level"].asString(), "warning");
  EXPECT_TRUE(told[0]["trace_id"].isNull());
  EXPECT_EQ(told[0]["exporter"].asString(), "jsonlog");
  EXPECT_GT(told[0]["count"].asInteger(), 0);
  EXPECT_LE(static_cast<double>(told[0]["count"].asInteger()), dropped(service));
  std::istringstream lines(pipe.text().substr(0, pipe.text().rfind('\n')));
  int broken = 0;
  for (std::string line; std::getline(lines, line);)
    if (!Json::tryParse(line)) ++broken;
  EXPECT_EQ(broken, 0) << "what arrives is whole lines";
}

TEST_F(SlowLogs, AStopWaitsForNoPipeThatNobodyReads) {
  Pipe pipe;
  Service service(with(withOther("", [&](const std::string& path) { pipe.make(path); })));
  knock(service, 1000);
  const auto began = Clock::now();
  EXPECT_EQ(service.stop(), 0);
  EXPECT_LT(Clock::now() - began, 10s);
  EXPECT_THAT(service.events("shutdown_completed"), testing::SizeIs(1)) << "in the log that works";
}

TEST_F(SlowLogs, NorForOneThatIsReadTooSlowly) {
  Pipe pipe;
  Service service(with(withOther("", [&](const std::string& path) { pipe.make(path); })));
  pipe.read(4096, 500ms);
  knock(service, 2000);
  const auto began = Clock::now();
  EXPECT_EQ(service.stop(), 0);
  EXPECT_LT(Clock::now() - began, 20s);
}

TEST_F(SlowLogs, AFullDiskStallsNoScanAndWhatWaitedIsWrittenOnceThereIsRoom) {
  Service service(with(withOther(
      "", [](const std::string& path) { std::filesystem::create_symlink("/dev/full", path); })));
  expectAScanAndProbesInTime(service);
  const auto other = service.folder() / "other";
  std::filesystem::remove(other);  // as who makes room
  const auto lines = [&](const std::filesystem::path& file) {
    std::ifstream in(file);
    return std::string(std::istreambuf_iterator<char>(in), {});
  };
  EXPECT_TRUE(
      eventually([&] { return lines(other).find("\"scan_completed\"") != std::string::npos; }));
  EXPECT_THAT(lines(other), HasSubstr("system_initialized")) << "from the first on";
  EXPECT_EQ(service.stop(), 0);
}

TEST_F(SlowLogs, AnotherLogThatChangesAsOneThatIsStuckGoesLosesNothingAndRepeatsNothing) {
  Pipe pipe;
  Service service(with([&](const std::filesystem::path& data) {
    withOther("", [&](const std::string& path) { pipe.make(path); })(data);
    withOther("", nullptr, "changes")(data);
  }));
  knock(service, 1000);
  service.rewrite("  - {plugin: exporter-jsonlog, config: {output: file, file: {path: " +
                      (service.folder() / "other").string() + "}}}\n",
                  "");
  service.rewrite("changes}", "changes, max_size: 20000000}");
  service.signal(SIGHUP);
  EXPECT_TRUE(eventually([&] { return !service.events("config_reloaded").empty(); }, 60s));
  EXPECT_EQ(service.stop(), 0);

  const auto lines = [&](const char* name) {
    std::ifstream in(service.folder() / name);
    std::vector<std::string> all;
    for (std::string line; std::getline(in, line);) all.push_back(line);
    return all;
  };
  const auto expected = lines("events.jsonl"), found = lines("changes");
  EXPECT_EQ(found.size(), expected.size());
  EXPECT_TRUE(found == expected);
}

TEST_F(SlowLogs, ALevelChangesWhileTheServiceRunsAndAnExporterHasItsOwn) {
  Service service(with(withOther("level: warning, ", nullptr)));
  const auto reloads = [&] { return service.events("config_reloaded").size(); };
  const auto setLevel = [&](const std::string& from, const std::string& to) {
    const std::size_t before = reloads();
    service.rewrite("log: {level: " + from, "log: {level: " + to);
    service.signal(SIGHUP);
    EXPECT_TRUE(eventually([&] { return reloads() > before; }));
  };
  const auto requests = [&] { return service.events("http_request").size(); };
  setLevel("debug", "info");
  const std::size_t before = requests();
  knock(service, 3);
  setLevel("info", "debug");
  EXPECT_EQ(requests(), before);
  knock(service, 3);
  EXPECT_TRUE(eventually([&] { return requests() >= before + 3; }));
  client::Client client = service.client();
  try {
    client.submit_scan("192.0.2.1", "denied");
  } catch (const client::ServiceError&) {
  }
  EXPECT_EQ(service.stop(), 0);

  std::ifstream other(service.folder() / "other");
  std::set<std::string> levels;
  for (std::string line; std::getline(other, line);)
    levels.insert(Json::parse(line)["level"].asString());
  EXPECT_TRUE(levels.contains("warning"));
  EXPECT_FALSE(levels.contains("info") || levels.contains("debug"));
}

}  // namespace
}  // namespace scanhost::integration
