// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// Streams: delivery, slow and vanished readers, and thousands at once without a thread each.
#include <gtest/gtest.h>
#include <sys/resource.h>

#include <atomic>
#include <filesystem>
#include <fstream>
#include <future>
#include <mutex>
#include <thread>

#include "host/http/listener.h"
#include "host/http/test_client.h"

namespace scanhost::http {
namespace {

using namespace std::chrono_literals;
using Steady = std::chrono::steady_clock;

const std::string ask = "GET /events HTTP/1.1\r\nHost: localhost\r\n\r\n";

/// A listener whose one route opens streams and keeps them.
struct Station {
  explicit Station(StreamOptions stream_options = {}, ListenOptions options = quick())
      : listener(std::move(options)) {
    auto mounted = listener.route(
        {{"GET"}, "/events", "events", [this, stream_options](Request&, Response& response) {
           auto opened =
               response.stream(200, {{"Content-Type", "text/event-stream"}}, stream_options);
           if (!opened) return;
           (*opened)->onClose([this](StreamEnd why) {
             const std::lock_guard lock(mutex);
             ended.push_back(why);
           });
           const std::lock_guard lock(mutex);
           streams.push_back(*opened);
         }});
    EXPECT_TRUE(mounted);
    route = std::move(*mounted);
    const Status started = listener.start();
    EXPECT_TRUE(started);
  }
  static ListenOptions quick() {
    ListenOptions options;
    options.listen = "127.0.0.1:0";
    options.threads = 4;
    options.timeouts.send = 700ms;
    options.timeouts.linger = 300ms;
    return options;
  }
  TestClient open() {
    TestClient client(listener.port());
    client.send(ask);
    return client;
  }
  std::shared_ptr<Stream> waitForStream(std::size_t index = 0) {
    for (const auto start = Steady::now(); Steady::now() - start < 5s;
         std::this_thread::sleep_for(1ms)) {
      const std::lock_guard lock(mutex);
      if (streams.size() > index) return streams[index];
    }
    return nullptr;
  }
  std::vector<StreamEnd> waitForEnds(std::size_t count, std::chrono::milliseconds timeout = 5s) {
    for (const auto start = Steady::now(); Steady::now() - start < timeout;
         std::this_thread::sleep_for(1ms)) {
      const std::lock_guard lock(mutex);
      if (ended.size() >= count) break;
    }
    const std::lock_guard lock(mutex);
    return ended;
  }

  std::mutex mutex;
  std::vector<std::shared_ptr<Stream>> streams;
  std::vector<StreamEnd> ended;
  Listener listener;
  RouteHandle route;
};

TEST(Stream, PiecesArriveAndCloseEndsInOrder) {
  Station station;
  auto client = station.open();
  const auto stream = station.waitForStream();
  ASSERT_TRUE(stream);
  EXPECT_TRUE(stream->write("data: 1\n\n"));
  EXPECT_TRUE(has(client.receive("data: 1\n\n"), "Transfer-Encoding: chunked"));
  EXPECT_TRUE(stream->write("data: 2\n\n"));
  stream->close();
  EXPECT_EQ(client.receiveAll(), "9\r\ndata: 2\n\n\r\n0\r\n\r\n");
  EXPECT_EQ(station.waitForEnds(1), std::vector<StreamEnd>{StreamEnd::finished});
  EXPECT_FALSE(stream->write("late"));
  EXPECT_FALSE(stream->isOpen());
}

TEST(Stream, DroppingTheLastReferenceCloses) {
  Station station;
  auto client = station.open();
  ASSERT_TRUE(station.waitForStream());
  {
    const std::lock_guard lock(station.mutex);
    station.streams.clear();
  }
  EXPECT_TRUE(has(client.receiveAll(), "0\r\n\r\n"));
}

TEST(Stream, ForHttp10ItEndsWithTheConnection) {
  Station station;
  TestClient client(station.listener.port());
  client.send("GET /events HTTP/1.0\r\nHost: localhost\r\n\r\n");
  const auto stream = station.waitForStream();
  stream->write("raw");
  stream->close();
  const std::string all = client.receiveAll();
  EXPECT_EQ(bodyOf(all), "raw");
  EXPECT_FALSE(has(all, "chunked"));
}

TEST(Stream, AVanishedPeerIsNoticedAtOnce) {
  Station station;
  auto client = station.open();
  ASSERT_TRUE(station.waitForStream());
  client.receive("\r\n\r\n");
  client.hangUp();
  EXPECT_EQ(station.waitForEnds(1, 2s), std::vector<StreamEnd>{StreamEnd::peer});
}

TEST(Stream, AReaderTooSlowIsClosedAndCounted) {
  StreamOptions options;
  options.buffer_bytes = 64 << 10;
  Station station(options);
  TestClient client(station.listener.port(), 4096);
  client.send(ask);
  const auto stream = station.waitForStream();
  const std::string piece(10'000, 'x');
  const auto start = Steady::now();
  std::size_t written = 0;
  while (stream->write(piece) && written < (64u << 20)) written += piece.size();
  EXPECT_LT(Steady::now() - start, 5s) << "write never blocks";
  EXPECT_LT(written, 64u << 20);
  EXPECT_EQ(station.waitForEnds(1), std::vector<StreamEnd>{StreamEnd::overflow});
  EXPECT_EQ(station.listener.stats().streams_overflowed, 1u);
}

TEST(Stream, AReaderThatStopsIsClosedInTime) {
  Station station;
  TestClient client(station.listener.port(), 4096);
  client.send(ask);
  const auto stream = station.waitForStream();
  const std::string piece(10'000, 'x');
  while (stream->waitForRoom(200'000, 50ms)) stream->write(piece);
  EXPECT_EQ(station.waitForEnds(1), std::vector<StreamEnd>{StreamEnd::timeout});
}

TEST(Stream, WaitingForRoomCarriesALongAnswerToASlowReader) {
  Station station;
  auto client = station.open();
  const auto stream = station.waitForStream();
  const std::string piece(50'000, 'x');
  std::thread writer([&] {
    for (int i = 0; i < 200; ++i) {
      ASSERT_TRUE(stream->waitForRoom(piece.size(), 5s));
      ASSERT_TRUE(stream->write(piece));
    }
    stream->close();
  });
  const std::string all = client.receiveAll(20s);
  writer.join();
  EXPECT_GE(all.size(), 200 * piece.size());
  EXPECT_TRUE(all.ends_with("0\r\n\r\n"));
}

TEST(Stream, KeepAliveGoesOutWhenNothingElseDoes) {
  StreamOptions options;
  options.keep_alive = 150ms;
  Station station(options);
  auto client = station.open();
  ASSERT_TRUE(station.waitForStream());
  const auto start = Steady::now();
  client.receive(": keep-alive");
  EXPECT_TRUE(has(client.receive(": keep-alive"), ": keep-alive\n\n"));
  EXPECT_LT(Steady::now() - start, 3s);
}

TEST(Stream, UnroutingEndsItsStreams) {
  Station station;
  auto client = station.open();
  ASSERT_TRUE(station.waitForStream());
  station.route.reset();
  EXPECT_EQ(station.waitForEnds(1, 0ms), std::vector<StreamEnd>{StreamEnd::stopping})
      << "told before reset() returns";
  EXPECT_TRUE(has(client.receiveAll(), "0\r\n\r\n"));
}

TEST(Stream, StopEndsStreamsInOrderAndWithoutDelay) {
  auto station = std::make_unique<Station>();
  std::vector<TestClient> clients;
  for (int i = 0; i < 20; ++i) clients.push_back(station->open());
  ASSERT_TRUE(station->waitForStream(19));
  const auto start = Steady::now();
  station->listener.stop(5s);
  EXPECT_LT(Steady::now() - start, 3s);
  EXPECT_EQ(station->waitForEnds(20).size(), 20u);
  for (auto& client : clients) EXPECT_TRUE(has(client.receiveAll(), "0\r\n\r\n"));
  const auto stream = station->waitForStream();
  station.reset();
  EXPECT_FALSE(stream->write("after the listener's end"));
}

TEST(Stream, TooManyAre503) {
  auto options = Station::quick();
  options.limits.streams = 3;
  Station station({}, options);
  std::vector<TestClient> clients;
  for (int i = 0; i < 3; ++i) clients.push_back(station.open());
  ASSERT_TRUE(station.waitForStream(2));
  auto fourth = station.open();
  const std::string response = fourth.response();
  EXPECT_EQ(statusOf(response), 503);
  EXPECT_TRUE(has(response, "Retry-After"));
}

TEST(Stream, InputOnAStreamIsDroppedAndAFloodOfItEndsIt) {
  Station station;
  auto client = station.open();
  ASSERT_TRUE(station.waitForStream());
  client.send("GET /events HTTP/1.1\r\nHost: localhost\r\n\r\n");
  std::this_thread::sleep_for(50ms);
  EXPECT_TRUE(station.waitForStream()->isOpen());
  client.send(std::string(1 << 20, 'x'));
  EXPECT_EQ(station.waitForEnds(1), std::vector<StreamEnd>{StreamEnd::peer});
  EXPECT_EQ(station.streams.size(), 1u) << "what came was no second request";
}

TEST(Stream, ManyWritersOneStream) {
  Station station;
  auto client = station.open();
  const auto stream = station.waitForStream();
  std::vector<std::thread> writers;
  for (int t = 0; t < 4; ++t)
    writers.emplace_back([&] {
      for (int i = 0; i < 200; ++i) {
        stream->waitForRoom(10, 5s);
        stream->write("line\n");
      }
    });
  std::thread closer([&] {
    for (auto& writer : writers) writer.join();
    stream->close();
  });
  const std::string all = client.receiveAll(20s);
  closer.join();
  std::size_t lines = 0;
  for (std::size_t at = 0; (at = all.find("5\r\nline\n\r\n", at)) != std::string::npos; ++at)
    ++lines;
  EXPECT_EQ(lines, 800u);
}

std::size_t threadCount() {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);)
    if (line.compare(0, 8, "Threads:") == 0) return std::stoul(line.substr(8));
  return 0;
}

TEST(Stream, TwoThousandIdleOnesCostNoThread) {
  rlimit files{};
  getrlimit(RLIMIT_NOFILE, &files);
  files.rlim_cur = files.rlim_max;
  setrlimit(RLIMIT_NOFILE, &files);
  if (files.rlim_cur < 4'200) GTEST_SKIP() << "needs 4200 descriptors";
  auto options = Station::quick();
  options.queued_requests = 2'000;
  Station station({}, options);
  const std::size_t threads = threadCount();
  std::vector<TestClient> clients;
  for (int i = 0; i < 2'000; ++i) clients.push_back(station.open());
  ASSERT_TRUE(station.waitForStream(1'999));
  EXPECT_EQ(station.listener.stats().streams, 2'000u);
  EXPECT_EQ(threadCount(), threads);
  {
    const std::lock_guard lock(station.mutex);
    for (const auto& stream : station.streams) EXPECT_TRUE(stream->write("data: all\n\n"));
  }
  for (auto& client : clients) EXPECT_TRUE(has(client.receive("data: all"), "data: all"));
  clients.clear();
  EXPECT_EQ(station.waitForEnds(2'000).size(), 2'000u);
  EXPECT_EQ(threadCount(), threads);
}

}  // namespace
}  // namespace scanhost::http
