// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// Clients that mean harm or do not care: smuggling, dawdling, flooding, not reading.
#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <thread>

#include "host/http/listener.h"
#include "host/http/test_client.h"

namespace scanhost::http {
namespace {

using namespace std::chrono_literals;
using Steady = std::chrono::steady_clock;

/// A listener with short timeouts, and routes that show what reached them.
struct Fortress {
  explicit Fortress(ListenOptions options = quick()) : listener(std::move(options)) {
    mount({{"GET", "POST"}, "/echo", "", [this](Request& request, Response& response) {
             ++calls;
             const auto body = request.readBody(1 << 20);
             if (body) response.send(200, {}, request.path() + " " + *body);
           }});
    mount({{"POST"}, "/ignore", "", [this](Request&, Response& response) {
             ++calls;
             response.send(200, {}, "ignored");
           }});
    mount({{"GET"}, "/big", "", [](Request&, Response& response) {
             response.send(200, {}, std::string(16 << 20, 'x'));
           }});
    mount({{"GET"}, "/block", "", [this](Request&, Response& response) {
             ++blocked;
             released.wait();
             response.send(200, {}, "released");
           }});
    Route health{
        {"GET"}, "/health", "", [](Request&, Response& response) { response.send(200, {}, "ok"); }};
    health.open = true;
    health.essential = true;
    mount(std::move(health));
    const Status started = listener.start();
    EXPECT_TRUE(started) << started.error().message;
  }
  ~Fortress() { release(); }

  static ListenOptions quick() {
    ListenOptions options;
    options.listen = "127.0.0.1:0";
    options.threads = 4;
    options.queued_requests = 4;
    options.timeouts = {500ms, 700ms, 800ms, 400ms, 10s, 700ms, 300ms};
    return options;
  }
  void mount(Route route) {
    auto mounted = listener.route(std::move(route));
    ASSERT_TRUE(mounted);
    routes.push_back(std::move(*mounted));
  }
  void release() {
    if (!std::exchange(is_released, true)) release_promise.set_value();
  }
  TestClient client() const { return TestClient(listener.port()); }
  int healthStatus() const {
    return statusOf(client().ask("GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n"));
  }

  std::promise<void> release_promise;
  std::shared_future<void> released = release_promise.get_future().share();
  bool is_released = false;
  std::atomic<int> calls{0}, blocked{0};
  Listener listener;
  std::vector<RouteHandle> routes;
};

const std::string smuggled = "GET /echo HTTP/1.1\r\nHost: localhost\r\n\r\n";

std::string postHead(const std::string& path, const std::string& headers) {
  return "POST " + path + " HTTP/1.1\r\nHost: localhost\r\n" + headers + "\r\n";
}

TEST(HostileClient, ConflictingLengthsAreRefusedAndTheRestNotExecuted) {
  Fortress fortress;
  for (const char* headers :
       {"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n",
        "Content-Length: 5\r\nContent-Length: 6\r\n",
        "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n", "Content-Length: 0,5\r\n",
        "Content-Length: -5\r\n", "Transfer-Encoding: chunked, chunked\r\n",
        "Content-Length : 5\r\n", "X: a\r\n Content-Length: 5\r\n"}) {
    auto client = fortress.client();
    client.send(postHead("/echo", headers) + "0\r\n\r\n" + smuggled);
    const std::string all = client.receiveAll();
    EXPECT_GE(statusOf(all), 400) << headers;
    EXPECT_TRUE(has(all, "Connection: close")) << headers;
    EXPECT_EQ(all.find("HTTP/1.1 ", 1), std::string::npos) << "a second answer: " << all;
  }
  EXPECT_EQ(fortress.calls, 0);
}

TEST(HostileClient, ABodyThatTheHandlerIgnoresIsNoRequest) {
  Fortress fortress;
  auto client = fortress.client();
  client.send(postHead("/ignore", "Content-Length: " + std::to_string(smuggled.size()) + "\r\n") +
              smuggled);
  EXPECT_EQ(bodyOf(client.response()), "ignored");
  EXPECT_EQ(bodyOf(client.ask(postHead("/echo", "Content-Length: 1\r\n") + "x")), "/echo x")
      << "drained, the connection goes on";
  EXPECT_EQ(fortress.calls, 2);
}

TEST(HostileClient, AnIgnoredBodyThatDidNotArriveEndsTheConnection) {
  Fortress fortress;
  auto client = fortress.client();
  client.send(postHead("/ignore", "Content-Length: 1000000\r\n"));
  const std::string response = client.response();
  EXPECT_EQ(statusOf(response), 200);
  EXPECT_TRUE(has(response, "Connection: close"));
  client.send(smuggled);
  EXPECT_EQ(client.receiveAll(), "");
  EXPECT_EQ(fortress.calls, 1);
}

TEST(HostileClient, TooLargeABodyIs413BeforeItIsRead) {
  Fortress fortress;
  auto client = fortress.client();
  EXPECT_EQ(statusOf(client.ask(postHead("/echo", "Content-Length: 4194305\r\n"))), 413);
  auto chunked = fortress.client();
  chunked.send(postHead("/echo", "Transfer-Encoding: chunked\r\n"));
  std::thread sender([&] {
    const std::string chunk = "10000\r\n" + std::string(0x10000, 'x') + "\r\n";
    for (int i = 0; i < 80; ++i) chunked.send(chunk);
  });
  EXPECT_EQ(statusOf(chunked.response()), 413);
  chunked.cutOff();
  sender.join();
}

TEST(HostileClient, APostWithoutLengthIs411) {
  Fortress fortress;
  EXPECT_EQ(statusOf(fortress.client().ask(postHead("/echo", ""))), 411);
}

TEST(HostileClient, MalformedRequestsAre400) {
  Fortress fortress;
  for (const std::string& request :
       {std::string("\x16\x03\x01\x02\x00\x01\r\n", 8),
        std::string("GET / HTTP/1.1\nHost: localhost\n\n"),
        std::string("GET /%zz HTTP/1.1\r\nHost: a\r\n\r\n"),
        std::string("GET /../etc HTTP/1.1\r\nHost: a\r\n\r\n"),
        std::string("GET /echo HTTP/1.1\r\nHost: a\r\nX: \0\r\n\r\n", 38)}) {
    auto client = fortress.client();
    client.send(request);
    EXPECT_EQ(statusOf(client.receiveAll()), 400) << request;
  }
  auto chunked = fortress.client();
  EXPECT_EQ(statusOf(chunked.ask(postHead("/echo", "Transfer-Encoding: chunked\r\n") +
                                 "zz\r\nhello\r\n")),
            400);
}

TEST(HostileClient, HugeHeadsAre431) {
  Fortress fortress;
  auto client = fortress.client();
  EXPECT_EQ(statusOf(client.ask("GET / HTTP/1.1\r\nHost: a\r\nX: " + std::string(100'000, 'x') +
                                "\r\n\r\n")),
            431);
  std::string many = "GET / HTTP/1.1\r\nHost: a\r\n";
  for (int i = 0; i < 200; ++i) many += "X" + std::to_string(i) + ": 1\r\n";
  EXPECT_EQ(statusOf(fortress.client().ask(many + "\r\n")), 431);
  EXPECT_EQ(statusOf(fortress.client().ask("GET /" + std::string(9'000, 'x') +
                                           " HTTP/1.1\r\nHost: a\r\n\r\n")),
            414);
}

TEST(HostileClient, AHeadByteByByteIsCutOffAndHoldsNoThread) {
  Fortress fortress;
  std::vector<TestClient> slow;
  for (int i = 0; i < 20; ++i) slow.push_back(fortress.client());
  const auto start = Steady::now();
  const std::string head = "GET /echo HTTP/1.1\r\nHost: localhost\r\nX: ";
  for (std::size_t at = 0; Steady::now() - start < 1500ms; ++at) {
    for (auto& client : slow) client.send(at < head.size() ? head.substr(at, 1) : "x");
    if (at == 2) {
      EXPECT_EQ(statusOf(fortress.client().ask(smuggled)), 200) << "others are served meanwhile";
    }
    std::this_thread::sleep_for(50ms);
  }
  for (auto& client : slow) {
    const std::string all = client.receiveAll(1s);
    EXPECT_TRUE(all.empty() || statusOf(all) == 408);
    EXPECT_TRUE(client.closed());
  }
}

TEST(HostileClient, TheWatchIsSetAnewForEachRequestOfAConnection) {
  Fortress fortress;
  auto client = fortress.client();
  for (int i = 0; i < 4; ++i) {
    std::this_thread::sleep_for(300ms);  // more than the head's timeout altogether
    ASSERT_EQ(statusOf(client.ask(smuggled)), 200) << i;
  }
  client.send("GET /echo HT");
  const auto start = Steady::now();
  EXPECT_EQ(statusOf(client.receiveAll()), 408);
  EXPECT_LT(Steady::now() - start, 1500ms);
}

TEST(HostileClient, AnIdleConnectionIsClosed) {
  Fortress fortress;
  auto client = fortress.client();
  client.ask(smuggled);
  EXPECT_EQ(client.receiveAll(3s), "");
  EXPECT_TRUE(client.closed());
}

TEST(HostileClient, EmptyLinesBeforeARequestDoNotExtendItsTime) {
  Fortress fortress;
  auto client = fortress.client();
  const auto start = Steady::now();
  while (Steady::now() - start < 1200ms) {
    client.send("\r\n");
    std::this_thread::sleep_for(50ms);
  }
  client.receiveAll(1s);
  EXPECT_TRUE(client.closed());
}

TEST(HostileClient, AStalledBodyIs408) {
  Fortress fortress;
  for (const char* size : {"100", "100000"}) {  // awaited by the loop, and by the handler
    auto client = fortress.client();
    const auto start = Steady::now();
    client.send(postHead("/echo", std::string("Content-Length: ") + size + "\r\n") + "part");
    EXPECT_EQ(statusOf(client.receiveAll()), 408) << size;
    EXPECT_LT(Steady::now() - start, 3s);
  }
}

TEST(HostileClient, ADrippingBodyIsCutOffToo) {
  Fortress fortress;
  auto client = fortress.client();
  client.send(postHead("/echo", "Content-Length: 100000\r\n"));
  std::atomic<bool> stop{false};
  std::thread drip([&] {
    while (!stop) {
      client.send("x");
      std::this_thread::sleep_for(100ms);
    }
  });
  const auto start = Steady::now();
  EXPECT_EQ(statusOf(client.response(5s)), 408);
  EXPECT_LT(Steady::now() - start, 3s);
  stop = true;
  drip.join();
}

TEST(HostileClient, ContinueIsSaidOnlyWhereTheBodyIsWanted) {
  Fortress fortress;
  auto client = fortress.client();
  client.send(postHead("/echo", "Content-Length: 4\r\nExpect: 100-continue\r\n"));
  EXPECT_TRUE(has(client.receive("\r\n\r\n"), "100 Continue"));
  client.send("body");
  EXPECT_EQ(bodyOf(client.response()), "/echo body");
  auto refused = fortress.client();
  EXPECT_EQ(statusOf(refused.ask(
                postHead("/echo", "Content-Length: 99999999\r\nExpect: 100-continue\r\n"))),
            413);
}

TEST(HostileClient, AFewEmptyLinesBeforeARequestAreForgivenAndAFloodIsNot) {
  Fortress fortress;
  EXPECT_EQ(statusOf(fortress.client().ask("\r\n\r\n" + std::string(smuggled))), 200);
  auto flood = fortress.client();
  std::string lines;
  for (int i = 0; i < 32'768; ++i) lines += "\r\n";
  flood.send(lines);
  EXPECT_EQ(statusOf(flood.receiveAll()), 400);
  EXPECT_EQ(fortress.healthStatus(), 200);
}

TEST(HostileClient, SlowBodiesLeaveThreadsForThoseWhoHaveSentTheirs) {
  Fortress fortress;
  std::vector<TestClient> slow;
  for (int i = 0; i < 8; ++i) {  // twice the threads
    slow.push_back(fortress.client());
    slow.back().send(postHead("/echo", "Transfer-Encoding: chunked\r\n") + "1\r\n{\r\n");
  }
  std::this_thread::sleep_for(100ms);
  EXPECT_EQ(statusOf(fortress.client().ask(smuggled)), 200);
}

TEST(HostileClient, ClientsThatNeverReadHoldNoThreadAndAreClosed) {
  Fortress fortress;
  std::vector<TestClient> deaf;
  for (int i = 0; i < 8; ++i) {  // twice the threads
    deaf.emplace_back(fortress.listener.port(), 4096);
    deaf.back().send("GET /big HTTP/1.1\r\nHost: localhost\r\n\r\n");
  }
  std::this_thread::sleep_for(200ms);
  EXPECT_EQ(statusOf(fortress.client().ask(smuggled)), 200);
  const auto start = Steady::now();
  while (fortress.listener.stats().connections > 0 && Steady::now() - start < 8s)
    std::this_thread::sleep_for(20ms);
  EXPECT_EQ(fortress.listener.stats().connections, 0u);
}

TEST(HostileClient, UnsentBytesOfAllAreBounded) {
  auto options = Fortress::quick();
  options.limits.unsent_bytes = 20u << 20;
  Fortress fortress(options);
  std::vector<TestClient> deaf;
  for (int i = 0; i < 4; ++i) {
    deaf.emplace_back(fortress.listener.port(), 4096);
    deaf.back().send("GET /big HTTP/1.1\r\nHost: localhost\r\n\r\n");
  }
  const auto start = Steady::now();
  std::this_thread::sleep_for(100ms);
  EXPECT_EQ(fortress.healthStatus(), 200);
  while (fortress.listener.stats().connections > 0 && Steady::now() - start < 10s)
    std::this_thread::sleep_for(20ms);
  EXPECT_EQ(statusOf(fortress.client().ask(smuggled)), 200) << "the handlers came back";
}

TEST(HostileClient, AFloodBeyondThePoolHears503AndHealthStillAnswers) {
  Fortress fortress;
  std::vector<TestClient> clients;
  for (int i = 0; i < 4; ++i) {
    clients.push_back(fortress.client());
    clients.back().send("GET /block HTTP/1.1\r\nHost: localhost\r\n\r\n");
  }
  while (fortress.blocked < 4) std::this_thread::sleep_for(1ms);
  for (int i = 0; i < 30; ++i) {
    clients.push_back(fortress.client());
    clients.back().send("GET /block HTTP/1.1\r\nHost: localhost\r\n\r\n");
  }
  int refused = 0;
  for (std::size_t i = 4; i < clients.size(); ++i) {
    const std::string response = clients[i].response(i < 8 ? 500ms : 5s);
    if (statusOf(response) != 503) continue;
    EXPECT_TRUE(has(response, "Retry-After: "));
    ++refused;
  }
  EXPECT_EQ(refused, 26) << "four run, four wait";
  EXPECT_EQ(fortress.healthStatus(), 200);
  fortress.release();
  for (std::size_t i = 0; i < 4; ++i) EXPECT_EQ(bodyOf(clients[i].response()), "released");
  EXPECT_EQ(fortress.listener.stats().requests_refused, 26u);
}

TEST(HostileClient, WaitingForAThreadHasAnEnd) {
  auto options = Fortress::quick();
  options.threads = 1;
  options.timeouts.queue = 300ms;
  Fortress fortress(options);
  auto first = fortress.client(), second = fortress.client();
  first.send("GET /block HTTP/1.1\r\nHost: localhost\r\n\r\n");
  while (fortress.blocked < 1) std::this_thread::sleep_for(1ms);
  second.send("GET /block HTTP/1.1\r\nHost: localhost\r\n\r\n");
  EXPECT_EQ(statusOf(second.response(3s)), 503);
  fortress.release();
  EXPECT_EQ(statusOf(first.response()), 200);
  EXPECT_EQ(fortress.blocked, 1) << "what was refused is not run later";
}

TEST(HostileClient, ConnectionsPerAddressAreCapped) {
  auto options = Fortress::quick();
  options.limits.connections_per_address = 5;
  Fortress fortress(options);
  std::vector<TestClient> clients;
  for (int i = 0; i < 5; ++i) {
    clients.push_back(fortress.client());
    ASSERT_EQ(statusOf(clients.back().ask(smuggled)), 200);
  }
  const std::string response = fortress.client().ask(smuggled);
  EXPECT_EQ(statusOf(response), 503);
  EXPECT_TRUE(has(response, "Retry-After: "));
  EXPECT_EQ(fortress.listener.stats().connections_refused, 1u);
  clients.clear();
  const auto start = Steady::now();
  while (fortress.listener.stats().connections > 0 && Steady::now() - start < 5s)
    std::this_thread::sleep_for(5ms);
  EXPECT_EQ(statusOf(fortress.client().ask(smuggled)), 200);
}

TEST(HostileClient, CrowdsThatNeverReadOrDripAreEvictedWhileOthersAreServed) {
  auto options = Fortress::quick();
  options.queued_requests = 64;
  Fortress fortress(options);
  std::vector<TestClient> deaf, slow;
  for (int i = 0; i < 10; ++i) {
    deaf.emplace_back(fortress.listener.port(), 4096);
    deaf.back().send("GET /big HTTP/1.1\r\nHost: localhost\r\n\r\n");
    slow.push_back(fortress.client());
  }
  std::atomic<bool> stop{false};
  std::thread drip([&] {
    for (std::size_t i = 0; !stop; ++i, std::this_thread::sleep_for(50ms))
      for (auto& client : slow) client.send(std::string_view(smuggled).substr(i % 16, 1));
  });
  auto other = fortress.client();
  const auto start = Steady::now();
  while (fortress.listener.stats().connections < 21 && Steady::now() - start < 10s)
    std::this_thread::sleep_for(1ms);
  while (fortress.listener.stats().connections > 1 && Steady::now() - start < 10s) {
    EXPECT_EQ(statusOf(other.ask(smuggled)), 200);
    std::this_thread::sleep_for(10ms);
  }
  stop = true;
  drip.join();
  EXPECT_EQ(fortress.listener.stats().connections, 1u);
}

TEST(HostileClient, OneAddressCannotShutOutHealthProbes) {
  auto options = Fortress::quick();
  options.limits.connections_per_address = 5;
  options.limits.reserve_connections = 3;
  options.timeouts.head = 10s;
  options.timeouts.reserve_head = 10s;
  Fortress fortress(options);
  std::vector<TestClient> silent;
  for (int i = 0; i < 20; ++i) silent.push_back(fortress.client());
  EXPECT_EQ(fortress.healthStatus(), 200);
  EXPECT_EQ(fortress.healthStatus(), 200);
  EXPECT_EQ(statusOf(fortress.client().ask(smuggled)), 503) << "other routes stay capped";
}

TEST(HostileClient, ASilentConnectionOverTheCapHears503) {
  auto options = Fortress::quick();
  options.limits.connections = 0;
  options.timeouts.reserve_head = 100ms;
  Fortress fortress(options);
  EXPECT_EQ(statusOf(fortress.client().response(2s)), 503);
}

TEST(HostileClient, HangingUpAnywhereLeavesNothingBehind) {
  auto options = Fortress::quick();
  options.queued_requests = 200;
  Fortress fortress(options);
  const std::string whole =
      postHead("/echo", "Content-Length: 20000\r\n") + std::string(20'000, 'x');
  for (std::size_t cut = 0; cut < whole.size(); cut += cut < 80 ? 1 : 4'000) {
    auto client = fortress.client();
    client.send(std::string_view(whole).substr(0, cut));
  }
  const auto start = Steady::now();
  while (fortress.listener.stats().connections > 0 && Steady::now() - start < 5s)
    std::this_thread::sleep_for(5ms);
  EXPECT_EQ(fortress.listener.stats().connections, 0u);
  EXPECT_EQ(statusOf(fortress.client().ask(smuggled)), 200);
}

}  // namespace
}  // namespace scanhost::http
