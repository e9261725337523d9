// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// A server that takes a request and never answers holds no call up for longer than its timeout.
#include "plugins/scanner/nessus/test_fixture.h"

namespace scanhost {
namespace {

TEST_F(NessusPlugin, AHungServerEndsEveryCallAfterOneRequestTimeout) {
  start({"--scan-seconds", "60"});
  make(Json::object({{"request_timeout", "2s"}}));
  const RemoteScan scan = started();
  const std::vector<RemoteScan> scans{scan};
  simulator->hang();
  const auto fails = [](const char* name, const auto& call) {
    const auto begin = std::chrono::steady_clock::now();
    const auto answer = call();
    ASSERT_FALSE(answer) << name;
    EXPECT_EQ(answer.error().error_class, ErrorClass::transient) << name;
    EXPECT_EQ(answer.error().subject, ErrorSubject::backend) << name;
    EXPECT_LT(std::chrono::steady_clock::now() - begin, 4s) << name;
  };
  fails("poll", [&] { return client().poll(scans, soon()); });
  fails("poll", [&] { return client().poll(scans, soon()); });
  fails("find", [&] { return client().find("[scanhost:", soon()); });
  fails("selfTest", [&] { return client().selfTest(soon()); });
  fails("prepare", [&] { return client().prepare(request("LAN", 2), soon()); });
  fails("start", [&] { return client().start(scan, soon()); });
  fails("stop", [&] { return client().stop(scan, soon()); });
  Recorder recorder;
  fails("collect", [&] { return client().collect(scan, recorder, soon()); });
}

TEST_F(NessusPlugin, APollOfManyScansEndsAtTheFirstThatIsNotAnswered) {
  start({"--scan-seconds", "60"});
  make(Json::object({{"request_timeout", "1s"}}));
  std::vector<RemoteScan> scans;
  for (int launch = 1; launch <= 4; ++launch) scans.push_back(started(request("LAN", launch)));
  for (const RemoteScan& scan : scans) waitFor(scan, RemoteStatus::running);
  simulator->misbehave(R"([{"path":"/scans/.+","times":0,"fault":"delay","delay_ms":3000}])");
  const auto begin = std::chrono::steady_clock::now();
  const auto states = client().poll(scans, soon());
  ASSERT_FALSE(states);
  EXPECT_EQ(states.error().subject, ErrorSubject::backend);
  EXPECT_LT(std::chrono::steady_clock::now() - begin, 3s);
}

TEST_F(NessusPlugin, ACallToAHungServerEndsSoonAfterItIsCancelled) {
  start();
  simulator->hang();
  const auto cancel = std::make_shared<CancelSource>();
  std::thread canceller([&] {
    std::this_thread::sleep_for(500ms);
    cancel->cancel();
  });
  const auto begin = std::chrono::steady_clock::now();
  const auto found = client().find("[scanhost:", {.timeout = 60s, .cancel = cancel});
  canceller.join();
  ASSERT_FALSE(found);
  EXPECT_EQ(found.error().error_class, ErrorClass::cancelled);
  EXPECT_LT(std::chrono::steady_clock::now() - begin, 2s);
}

}  // namespace
}  // namespace scanhost
