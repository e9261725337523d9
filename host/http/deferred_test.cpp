// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// Answers that come after their handler has returned.
#include <gtest/gtest.h>

#include <atomic>
#include <mutex>
#include <thread>

#include "host/http/listener.h"
#include "host/http/test_client.h"

namespace scanhost::http {
namespace {

using namespace std::chrono_literals;
using Steady = std::chrono::steady_clock;

const std::string ask_later = "GET /later HTTP/1.1\r\nHost: localhost\r\n\r\n";
const std::string ask_at_once = "GET /now HTTP/1.1\r\nHost: localhost\r\n\r\n";

/// A listener with one thread, whose route /later defers each answer and keeps it.
struct Desk {
  explicit Desk(ListenOptions options = oneThread()) : listener(std::move(options)) {
    auto mounted =
        listener.route({{"GET"}, "/later", "later", [this](Request&, Response& response) {
                          auto later = response.defer([this] { ++over; });
                          if (!later) return;
                          const std::lock_guard lock(mutex);
                          due.push_back(*later);
                        }});
    EXPECT_TRUE(mounted);
    route = std::move(*mounted);
    auto at_once = listener.route({{"GET"}, "/now", "now", [](Request&, Response& response) {
                                     response.send(200, {}, "now");
                                   }});
    EXPECT_TRUE(at_once);
    now_route = std::move(*at_once);
    const Status started = listener.start();
    EXPECT_TRUE(started);
  }
  static ListenOptions oneThread() {
    ListenOptions options;
    options.listen = "127.0.0.1:0";
    options.threads = 1;
    options.reserve_threads = 0;
    return options;
  }
  TestClient open() {
    TestClient client(listener.port());
    client.send(ask_later);
    return client;
  }
  std::shared_ptr<Deferred> waitForDue(std::size_t index = 0) {
    for (const auto start = Steady::now(); Steady::now() - start < 5s;
         std::this_thread::sleep_for(1ms)) {
      const std::lock_guard lock(mutex);
      if (due.size() > index) return due[index];
    }
    return nullptr;
  }
  void forget() {
    const std::lock_guard lock(mutex);
    due.clear();
  }
  int waitForOver(int count) {
    for (const auto start = Steady::now(); over < count && Steady::now() - start < 5s;)
      std::this_thread::sleep_for(1ms);
    return over;
  }

  std::mutex mutex;
  std::vector<std::shared_ptr<Deferred>> due;
  std::atomic<int> over{0};
  Listener listener;
  RouteHandle route, now_route;
};

TEST(Deferred, IsAnsweredFromAnotherThreadAndTheConnectionGoesOn) {
  Desk desk;
  auto client = desk.open();
  const auto later = desk.waitForDue();
  ASSERT_TRUE(later);
  EXPECT_EQ(desk.over, 0);
  std::thread([&] { EXPECT_TRUE(later->send(200, {}, "at last")); }).join();
  const std::string response = client.response();
  EXPECT_EQ(statusOf(response), 200);
  EXPECT_EQ(bodyOf(response), "at last");
  EXPECT_TRUE(has(response, "Connection: keep-alive"));
  EXPECT_EQ(desk.over, 1);
  EXPECT_EQ(bodyOf(client.ask(ask_at_once)), "now");
}

TEST(Deferred, HoldsNoThread) {
  Desk desk;
  std::vector<TestClient> clients;
  for (std::size_t i = 0; i < 20; ++i) {
    clients.push_back(desk.open());
    ASSERT_TRUE(desk.waitForDue(i));
  }
  TestClient other(desk.listener.port());
  EXPECT_EQ(bodyOf(other.ask(ask_at_once)), "now");
  for (const auto& later : desk.due) later->send(200, {}, "at last");
  for (auto& client : clients) EXPECT_EQ(bodyOf(client.response()), "at last");
}

TEST(Deferred, AVanishedPeerIsNoticedAtOnce) {
  Desk desk;
  auto client = desk.open();
  const auto later = desk.waitForDue();
  const auto start = Steady::now();
  client.hangUp();
  EXPECT_EQ(desk.waitForOver(1), 1);
  EXPECT_LT(Steady::now() - start, 100ms) << "by an event, not by looking now and then";
  EXPECT_FALSE(later->send(200, {}, "too late"));
  desk.forget();
  EXPECT_EQ(desk.over, 1);
}

TEST(Deferred, ARequestSentMeanwhileWaitsForTheAnswer) {
  Desk desk;
  TestClient client(desk.listener.port());
  client.send(ask_later + ask_at_once);
  const auto later = desk.waitForDue();
  std::this_thread::sleep_for(50ms);
  later->send(200, {}, "at last");
  EXPECT_EQ(bodyOf(client.response()), "at last");
  EXPECT_EQ(bodyOf(client.response()), "now");
}

TEST(Deferred, DroppedWithoutAnAnswerIs500) {
  Desk desk;
  auto client = desk.open();
  ASSERT_TRUE(desk.waitForDue());
  desk.forget();
  EXPECT_EQ(statusOf(client.response()), 500);
  EXPECT_EQ(desk.over, 1);
}

TEST(Deferred, OnlyTheFirstAnswerCounts) {
  Desk desk;
  auto client = desk.open();
  const auto later = desk.waitForDue();
  EXPECT_TRUE(later->send(200, {}, "first"));
  EXPECT_FALSE(later->send(200, {}, "second"));
  EXPECT_FALSE(later->stream(200, {}));
  EXPECT_EQ(bodyOf(client.response()), "first");
  EXPECT_EQ(bodyOf(client.ask(ask_at_once)), "now");
}

TEST(Deferred, TurnsIntoAStream) {
  Desk desk;
  auto client = desk.open();
  const auto later = desk.waitForDue();
  auto stream = later->stream(200, {{"Content-Type", "text/event-stream"}});
  ASSERT_TRUE(stream);
  EXPECT_EQ(desk.over, 1);
  desk.forget();
  EXPECT_TRUE((*stream)->write("data: 1\n\n"));
  EXPECT_TRUE(has(client.receive("data: 1\n\n"), "200 OK"));
  EXPECT_EQ(desk.listener.stats().streams, 1u);
}

TEST(Deferred, TooManyOfThemAndOfStreamsAre503) {
  ListenOptions options = Desk::oneThread();
  options.limits.streams = 1;
  Desk desk(options);
  auto first = desk.open();
  ASSERT_TRUE(desk.waitForDue());
  auto second = desk.open();
  const std::string refused = second.response();
  EXPECT_EQ(statusOf(refused), 503);
  EXPECT_TRUE(has(refused, "Retry-After"));
  desk.forget();
  EXPECT_EQ(statusOf(first.response()), 500);
  first.send(ask_later);
  EXPECT_TRUE(desk.waitForDue()) << "there is room again";
}

TEST(Deferred, UnroutingAnswers503) {
  Desk desk;
  auto client = desk.open();
  const auto later = desk.waitForDue();
  desk.route.reset();
  EXPECT_EQ(statusOf(client.response()), 503);
  EXPECT_EQ(desk.over, 1) << "before reset() returns";
  EXPECT_FALSE(later->send(200, {}, "too late"));
}

TEST(Deferred, StoppingLeavesTimeForTheAnswer) {
  Desk desk;
  auto client = desk.open();
  const auto later = desk.waitForDue();
  std::thread stopper([&] { desk.listener.stop(5s); });
  std::this_thread::sleep_for(50ms);
  EXPECT_TRUE(later->send(200, {}, "just in time"));
  stopper.join();
  EXPECT_EQ(bodyOf(client.response()), "just in time");
}

TEST(Deferred, StoppingEndsWhatIsNotAnsweredInTime) {
  Desk desk;
  auto client = desk.open();
  const auto later = desk.waitForDue();
  desk.listener.stop(20ms);
  EXPECT_EQ(desk.over, 1);
  EXPECT_FALSE(later->send(200, {}, "too late"));
}

}  // namespace
}  // namespace scanhost::http
