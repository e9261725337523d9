// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// The reader of Redis's answers, against good ones and hostile ones.
#include "plugins/queue/redis/reply.h"

#include <Poco/Net/ServerSocket.h>
#include <Poco/Net/SocketAddress.h>
#include <gmock/gmock.h>

#include <algorithm>
#include <thread>

#include "plugins/queue/redis/redis_fixture.h"

namespace scanhost::queue_redis {
namespace {

using namespace std::chrono_literals;

/// Gives a text out in pieces; its end is the end of the connection.
ReplyReader readerOf(std::string text, std::size_t piece = 7, const ReplyLimits& limits = {}) {
  return ReplyReader(
      [text = std::move(text), piece, at = std::size_t{0}](char* buffer, std::size_t size) mutable {
        const std::size_t count = std::min({piece, size, text.size() - at});
        if (count == 0) throw std::runtime_error("closed");
        std::copy_n(text.data() + at, count, buffer);
        at += count;
        return count;
      },
      limits);
}

TEST(ReplyReader, ReadsEveryTypeOneAfterTheOther) {
  ReplyReader reader = readerOf(
      ":42\r\n+OK\r\n$5\r\na\r\nbc\r\n$0\r\n\r\n$-1\r\n*-1\r\n*0\r\n*2\r\n:1\r\n*1\r\n+x\r\n-ERR "
      "no\r\n");
  EXPECT_EQ(integerOf(reader.read()), 42);
  EXPECT_EQ(textOf(reader.read()), "OK");
  EXPECT_EQ(textOf(reader.read()), "a\r\nbc");
  EXPECT_EQ(textOf(reader.read()), "");
  EXPECT_TRUE(isNull(reader.read()));
  EXPECT_TRUE(isNull(reader.read()));
  const Reply empty = reader.read();
  EXPECT_FALSE(isNull(empty));
  EXPECT_TRUE(itemsOf(empty).empty());
  const Reply nested = reader.read();
  EXPECT_EQ(textOf(itemsOf(itemsOf(nested)[1])[0]), "x");
  const Reply error = reader.read();
  EXPECT_EQ(errorOf(error).code(), "ERR");
  EXPECT_THROW(integerOf(error), ServerError);
}

TEST(ReplyReader, RefusesWhatIsTooLargeBeforeItMakesRoom) {
  ReplyLimits limits;
  limits.line = 64;
  limits.bulk = 1000;
  limits.total = 5000;
  limits.values = 100;
  std::string many = "*90\r\n";
  for (int i = 0; i < 90; ++i) many += "$100\r\n" + std::string(100, 'x') + "\r\n";
  std::string deep;
  for (int i = 0; i < 100; ++i) deep += "*1\r\n";
  for (const std::string& hostile :
       {std::string("$999999999999\r\n"), std::string("$1001\r\n"), std::string("$-2\r\n"),
        std::string("*999999999999\r\n"), std::string("*-7\r\n"), std::string("*101\r\n"),
        std::string("$99999999999999999999999\r\n"), std::string("+") + std::string(100, 'a'), many,
        deep})
    EXPECT_THROW(readerOf(hostile, 4096, limits).read(), ProtocolError) << hostile.substr(0, 30);
}

TEST(ReplyReader, RefusesWhatIsNoRedis) {
  for (const char* hostile : {"HTTP/1.1 200 OK\r\n", ":12x\r\n", ":\r\n", "$3\r\nabcd\r\n",
                              "+no end\n", "*1\r\n!\r\n", "$\r\n"})
    EXPECT_THROW(readerOf(hostile).read(), ProtocolError) << hostile;
}

TEST(ReplyReader, ATruncatedAnswerIsNoAnswer) {
  const std::string whole = "*2\r\n$5\r\nhello\r\n*1\r\n:7\r\n";
  for (std::size_t size = 0; size < whole.size(); ++size)
    EXPECT_THROW(readerOf(whole.substr(0, size)).read(), std::runtime_error) << size;
}

TEST(ReplyReader, AnotherTypeThanWantedIsRefused) {
  EXPECT_THROW(integerOf(readerOf("+a\r\n").read()), ProtocolError);
  EXPECT_THROW(textOf(readerOf("*0\r\n").read()), ProtocolError);
  EXPECT_THROW(textOf(readerOf("$-1\r\n").read()), ProtocolError);
  EXPECT_THROW(itemsOf(readerOf(":1\r\n").read()), ProtocolError);
}

/// Answers everything with one text.
class FakeServer {
 public:
  explicit FakeServer(std::string answer)
      : answer_(std::move(answer)), socket_(Poco::Net::SocketAddress("127.0.0.1", 0)) {
    thread_ = std::thread([this] { serve(); });
  }
  ~FakeServer() {
    ended_ = true;
    thread_.join();
  }
  std::string url() const {
    return "redis://127.0.0.1:" + std::to_string(socket_.address().port());
  }

 private:
  void serve() {
    while (!ended_) {
      if (!socket_.poll(Poco::Timespan(0, 20'000), Poco::Net::Socket::SELECT_READ)) continue;
      Poco::Net::StreamSocket client = socket_.acceptConnection();
      char buffer[65'536];
      try {
        client.setReceiveTimeout(Poco::Timespan(0, 500'000));
        client.receiveBytes(buffer, sizeof buffer);
        client.sendBytes(answer_.data(), static_cast<int>(answer_.size()));
        client.receiveBytes(buffer, sizeof buffer);
      } catch (const Poco::Exception&) {
        continue;  // the plugin hung up, as it should
      }
    }
  }

  const std::string answer_;
  Poco::Net::ServerSocket socket_;
  std::atomic<bool> ended_{false};
  std::thread thread_;
};

TEST(HostileRedis, EndsTheStartWithAnErrorInBoundedTime) {
  for (const char* answer : {"HTTP/1.1 400 Bad Request\r\n\r\n", "$99999999999\r\n", ":1\r\n:1\r\n",
                             "+OK\r\n+OK\r\n+OK\r\n+OK\r\n+OK\r\n", "*1\r\n", "-ERR", ""}) {
    FakeServer server(answer);
    const auto before = std::chrono::steady_clock::now();
    Node node(Json::object({{"url", server.url()}, {"timeout", "300ms"}}));
    EXPECT_FALSE(node.started()) << answer;
    EXPECT_LT(std::chrono::steady_clock::now() - before, 5s) << answer;
    if (!node.started()) {
      EXPECT_EQ(node.started().error().subject, ErrorSubject::backend) << answer;
    }
  }
}

}  // namespace
}  // namespace scanhost::queue_redis
