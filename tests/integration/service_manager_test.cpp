// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// What systemd is told of a running service.
#include <gmock/gmock.h>
#include <signal.h>

#include "tests/integration/service.h"
#include "tests/integration/stopped_thread.h"
#include "tests/support/notify_socket.h"

namespace scanhost::integration {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::StartsWith;
using testing_support::ChildProcess;
using testing_support::NotifySocket;
using namespace std::chrono_literals;

class ServiceManagerHears : public testing::Test {
 protected:
  Folder folder;
  NotifySocket manager;

  std::string config(const std::string& allow = "127.0.0.0/8") {
    return folder
        .write("s.yaml", "node: {data_dir: " + (folder.path() / "data").string() +
                             "}\nhttp: {listen: \"127.0.0.1:0\"}\nscanners: [{name: local, pool: "
                             "nmap, plugin: scanner-nmap}]\npolicy: {targets: {allow: [\"" +
                             allow + "\"]}}\n")
        .string();
  }
  ChildProcess start(const std::string& file, const std::string& watchdog = "") {
    std::map<std::string, std::string> environment{{"NOTIFY_SOCKET", manager.path()}};
    if (!watchdog.empty()) environment["WATCHDOG_USEC"] = watchdog;
    return ChildProcess({{built("bin/scanhost"), "--config", file}, environment, {}});
  }
};

TEST_F(ServiceManagerHears, ThatItIsReadyHowItIsAndThatItStops) {
  ChildProcess service = start(config());
  EXPECT_THAT(manager.waitFor("READY=1"), HasSubstr("STATUS=Ready on 127.0.0.1:"));
  EXPECT_THAT(manager.waitFor("scans active"),
              AllOf(StartsWith("STATUS=Ready on 127.0.0.1:"), HasSubstr(", 0 scans active")));
  service.signal(SIGTERM);
  EXPECT_THAT(manager.waitFor("STOPPING=1"), Not(IsEmpty()));
  EXPECT_EQ(service.wait(), 0);
}

TEST_F(ServiceManagerHears, NothingOfReadinessFromAStartThatFails) {
  ChildProcess service = start(config("no network"));
  EXPECT_EQ(service.wait(), 78);
  EXPECT_THAT(manager.waitFor("READY=1", 0ms), IsEmpty());
}

TEST_F(ServiceManagerHears, AReloadAndWhatCameOfIt) {
  ChildProcess service = start(config());
  ASSERT_THAT(manager.waitFor("READY=1"), Not(IsEmpty()));
  config("10.0.0.0/8");
  service.signal(SIGHUP);
  EXPECT_THAT(manager.waitFor("RELOADING=1"), HasSubstr("MONOTONIC_USEC="));
  EXPECT_THAT(manager.waitFor("READY=1"), HasSubstr("STATUS=Reloaded"));
  config("no network");
  service.signal(SIGHUP);
  EXPECT_THAT(manager.waitFor("READY=1"), HasSubstr("STATUS=Not reloaded: "));
}

TEST_F(ServiceManagerHears, ThatItIsAliveOnlyWhileItsLoopsGoRound) {
  ChildProcess service = start(config(), "600000");
  ASSERT_THAT(manager.waitFor("READY=1"), Not(IsEmpty()));
  EXPECT_THAT(manager.waitFor("WATCHDOG=1"), Not(IsEmpty()));
  const StoppedThread stopped(threadNamed(service.pid(), "dispatcher"));
  if (!stopped.isStopped()) GTEST_SKIP() << "threads cannot be stopped here";
  ASSERT_THAT(manager.waitFor("STATUS=Stalled: dispatcher"), Not(IsEmpty()));
  EXPECT_THAT(manager.waitFor("WATCHDOG=1", 2s), IsEmpty());
}

}  // namespace
}  // namespace scanhost::integration
