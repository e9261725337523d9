// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "host/app/service_manager.h"

#include <gmock/gmock.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstring>

#include "tests/support/notify_socket.h"

namespace scanhost {
namespace {

using testing::Optional;
using testing::StartsWith;
using testing_support::NotifySocket;
using namespace std::chrono_literals;

TEST(ServiceManagerTest, IsToldInTheWordsOfSdNotify) {
  NotifySocket socket;
  const ServiceManager manager(socket.path(), 0us);
  manager.ready("Ready on 127.0.0.1:8835");
  EXPECT_THAT(socket.next(), Optional(std::string("READY=1\nSTATUS=Ready on 127.0.0.1:8835")));
  manager.reloading();
  EXPECT_THAT(socket.next(), Optional(StartsWith("RELOADING=1\nMONOTONIC_USEC=")));
  manager.stopping("Handing work back");
  EXPECT_THAT(socket.next(), Optional(std::string("STOPPING=1\nSTATUS=Handing work back")));
  manager.alive();
  EXPECT_THAT(socket.next(), Optional(std::string("WATCHDOG=1")));
  manager.extendTimeout(90s);
  EXPECT_THAT(socket.next(), Optional(std::string("EXTEND_TIMEOUT_USEC=90000000")));
}

TEST(ServiceManagerTest, AStatusStaysOneLine) {
  NotifySocket socket;
  ServiceManager(socket.path(), 0us).status("queue failed\nREADY=1");
  EXPECT_THAT(socket.next(), Optional(std::string("STATUS=queue failed READY=1")));
}

TEST(ServiceManagerTest, IsFoundInTheAbstractNamespaceToo) {
  const int listener = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  const std::string name = "@scanhost-test-" + std::to_string(getpid());
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::memcpy(address.sun_path + 1, name.data() + 1, name.size() - 1);
  ASSERT_EQ(bind(listener, reinterpret_cast<sockaddr*>(&address),
                 static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + name.size())),
            0);
  ServiceManager(name, 0us).alive();
  char word[64] = {};
  EXPECT_EQ(recv(listener, word, sizeof word, MSG_DONTWAIT), 10);
  EXPECT_STREQ(word, "WATCHDOG=1");
  close(listener);
}

TEST(ServiceManagerTest, WithoutASocketNothingIsTold) {
  for (const char* none : {"", "@", "relative", "vsock:2:1234"}) {
    const ServiceManager manager(none, 0us);
    EXPECT_FALSE(manager.listens()) << none;
    manager.ready("Ready");
  }
}

TEST(ServiceManagerTest, TakesItsVariablesFromTheEnvironmentSoThatNoChildSpeaksForUs) {
  setenv("NOTIFY_SOCKET", "/run/nowhere", 1);
  setenv("WATCHDOG_USEC", "30000000", 1);
  setenv("WATCHDOG_PID", std::to_string(getpid()).c_str(), 1);
  const ServiceManager manager = ServiceManager::ofEnvironment();
  EXPECT_TRUE(manager.listens());
  EXPECT_EQ(manager.watchdog(), 30s);
  for (const char* name : {"NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID"})
    EXPECT_EQ(getenv(name), nullptr) << name;
}

TEST(ServiceManagerTest, AWatchdogOfAnotherProcessIsNotOurs) {
  setenv("WATCHDOG_USEC", "30000000", 1);
  setenv("WATCHDOG_PID", "1", 1);
  EXPECT_EQ(ServiceManager::ofEnvironment().watchdog(), 0us);
}

TEST(ServiceManagerTest, AManagerThatDoesNotListenHoldsNobodyUp) {
  NotifySocket socket;
  const ServiceManager manager(socket.path(), 0us);
  for (int i = 0; i < 10'000; ++i) manager.alive();
  EXPECT_THAT(socket.next(), Optional(std::string("WATCHDOG=1")));
}

}  // namespace
}  // namespace scanhost
