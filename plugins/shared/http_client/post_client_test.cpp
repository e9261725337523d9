// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "plugins/shared/http_client/post_client.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <scanhost/error.h>
#include <scanhost/testing/host.h>
#include <scanhost/trace.h>

#include <functional>
#include <thread>

#include "plugins/shared/http_client/own_call.h"
#include "tests/support/folder.h"
#include "tests/support/post_receiver.h"

namespace scanhost::http_client {
namespace {

using namespace std::chrono_literals;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;
using testing_support::httpAnswer;
using testing_support::makeSelfSigned;
using testing_support::PostAnswer;
using testing_support::PostReceiver;
using Manner = PostAnswer::Manner;
using Stage = TransportError::Stage;

std::string refusal(const std::string& settings) {
  try {
    readPostTarget(Json::parse(settings), "exporter-x");
  } catch (const PluginError& error) {
    EXPECT_EQ(error.errorClass(), ErrorClass::config);
    return error.what();
  }
  return "(none)";
}

TEST(PostTarget, IsAUrlWithItsPathAndQuery) {
  const PostTarget target =
      readPostTarget(Json::parse(R"({"url": "https://receiver.example/a/b?key=1", "timeout": "3s",
                      "headers": {"Authorization": "Bearer x"}})"),
                     "exporter-x");
  EXPECT_EQ(target.endpoint.url(), "https://receiver.example:443");
  EXPECT_EQ(target.path, "/a/b?key=1");
  EXPECT_EQ(target.endpoint.request_timeout, 3s);
  EXPECT_EQ(target.headers, (PostTarget::Headers{{"Authorization", "Bearer x"}}));
}

TEST(PostTarget, IsReachedWithoutTlsOnThisMachineOnlyUnlessAllowedInWords) {
  for (const char* url : {"http://127.0.0.1:9", "http://[::1]:9/x", "http://localhost"})
    EXPECT_EQ(refusal(Json::object({{"url", url}}).dump()), "(none)") << url;
  EXPECT_THAT(refusal(R"({"url": "http://10.0.0.1/secret-path"})"),
              AllOf(HasSubstr("exporter-x: url: \"http://10.0.0.1\""),
                    HasSubstr("allow_plaintext: true"), Not(HasSubstr("secret-path"))));
  EXPECT_EQ(refusal(R"({"url": "http://10.0.0.1/", "allow_plaintext": true})"), "(none)");
}

TEST(PostTarget, IsNoUrlOfAnotherKindAndHoldsNoLogin) {
  for (const char* url : {"", "receiver.example", "ftp://receiver.example", "https://",
                          "https:///x", "https://a b/", "https://a:99999/", "https://a\r\nX: y/"})
    EXPECT_THAT(refusal(Json::object({{"url", url}}).dump()), HasSubstr("exporter-x: url: "))
        << url;
  EXPECT_THAT(refusal(R"({"url": "https://user:hunter2@receiver.example/"})"),
              AllOf(HasSubstr("without a login"), Not(HasSubstr("hunter2"))));
}

TEST(PostTarget, TakesNoHeaderThatCouldBeginAnotherOrCarriesTheMessage) {
  const auto with = [](const char* name, const char* value) {
    return refusal(
        Json::object({{"url", "https://a"}, {"headers", Json::object({{name, value}})}}).dump());
  };
  EXPECT_THAT(with("X-Token", "s3cret\r\nX: y"),
              AllOf(HasSubstr("headers"), HasSubstr("X-Token"), Not(HasSubstr("s3cret"))));
  EXPECT_THAT(with("Bad: name", "x"), HasSubstr("a header's name"));
  EXPECT_THAT(with("", "x"), HasSubstr("a header's name"));
  EXPECT_THAT(with("Content-Length", "1"), HasSubstr("other headers"));
}

class PostClientTest : public testing::Test {
 protected:
  static PostTarget target(const PostReceiver& receiver, Json more = Json::object()) {
    more["url"] = receiver.url();
    return readPostTarget(more, "exporter-x");
  }
  Answer post(PostClient& client, const std::string& body = "{}",
              std::chrono::milliseconds time = 5000ms) {
    OwnCall call(time, stopping_);
    return client.post(body, {}, call);
  }
  /// Where the exchange broke off, and what was said about it.
  std::optional<std::pair<Stage, std::string>> failure(PostClient& client,
                                                       std::chrono::milliseconds time = 5000ms) {
    try {
      post(client, "{}", time);
    } catch (const TransportError& error) {
      return std::pair(error.stage(), std::string(error.what()));
    }
    return std::nullopt;
  }

  std::atomic<bool> stopping_{false};
};

TEST_F(PostClientTest, PostsOverOneConnectionWithItsHeaders) {
  PostReceiver receiver;
  PostClient client(target(receiver, Json::parse(R"({"headers": {"X-Token": "t"}})")));
  OwnCall call(5s, stopping_);
  EXPECT_EQ(client.post("{\"a\":1}", {{"X-Own", "o"}}, call).status, 204);
  EXPECT_EQ(post(client, "{\"b\":2}").status, 204);

  const auto received = receiver.received();
  ASSERT_EQ(received.size(), 2u);
  EXPECT_EQ(received[0].line, "POST /hook HTTP/1.1");
  EXPECT_EQ(received[0].body, "{\"a\":1}");
  EXPECT_EQ(received[0].headers.at("x-token"), "t");
  EXPECT_EQ(received[0].headers.at("x-own"), "o");
  EXPECT_EQ(received[0].headers.at("content-type"), "application/json");
  EXPECT_EQ(received[1].body, "{\"b\":2}");
  EXPECT_EQ(received[1].connection, 1);
}

TEST_F(PostClientTest, SeesThatAConnectionWasClosedBeforeItSendsAnythingOverIt) {
  PostReceiver receiver;
  receiver.next({httpAnswer(200, {}, "ok"), Manner::closing});
  PostClient client(target(receiver));
  EXPECT_EQ(post(client).status, 200);
  std::this_thread::sleep_for(100ms);  // until the end of the connection has arrived
  EXPECT_EQ(post(client).status, 204);
  EXPECT_EQ(receiver.received().back().connection, 2);
}

TEST_F(PostClientTest, CarriesTheTraceOfTheCall) {
  const std::string traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
  PostReceiver receiver;
  PostClient client(target(receiver));
  plugintest::TestCall traced;
  traced.setTrace(*parseTraceparent(traceparent));
  client.post("{}", {}, traced.call());
  EXPECT_EQ(receiver.received().at(0).headers.at("traceparent"), traceparent);
}

TEST_F(PostClientTest, AnswersARedirectAsWhatItIs) {
  PostReceiver elsewhere;
  PostReceiver receiver;
  receiver.next({httpAnswer(307, "Location: " + elsewhere.url() + "\r\n")});
  PostClient client(target(receiver));
  EXPECT_EQ(post(client).status, 307);
  EXPECT_FALSE(elsewhere.waitFor(1, 100ms));
}

TEST_F(PostClientTest, ReadsRetryAfterInSecondsAndAsADate) {
  PostReceiver receiver;
  PostClient client(target(receiver));
  const auto told = [&](const std::string& value) {
    receiver.next({httpAnswer(429, "Retry-After: " + value + "\r\n")});
    return post(client).retry_after;
  };
  EXPECT_EQ(told("7"), 7s);
  EXPECT_EQ(told("99999999"), 86'400s);
  EXPECT_EQ(told("Wed, 21 Oct 2015 07:28:00 GMT"), 0s);
  EXPECT_EQ(told("Wed, 21 Oct 2099 07:28:00 GMT"), 86'400s);
  EXPECT_EQ(told("soon"), std::nullopt);
  EXPECT_EQ(told("-1"), std::nullopt);
}

TEST_F(PostClientTest, HoldsNoMoreOfABodyThanItsBound) {
  PostReceiver receiver;
  receiver.next({httpAnswer(200, {}, std::string(20u << 20, 'x'))});
  PostClient client(target(receiver));
  const Answer answer = post(client);
  EXPECT_EQ(answer.status, 200);
  EXPECT_LE(answer.body.size(), PostClient::most_body);
  EXPECT_EQ(post(client, "next").status, 204);
  EXPECT_EQ(receiver.received().back().body, "next");
}

TEST_F(PostClientTest, RefusesAHeadThatDoesNotEnd) {
  PostReceiver receiver;
  receiver.next({"HTTP/1.1 200 OK\r\nX: " + std::string(1u << 20, 'x')});
  PostClient client(target(receiver));
  const auto failed = failure(client);
  ASSERT_TRUE(failed);
  EXPECT_EQ(failed->first, Stage::sent);
  EXPECT_THAT(failed->second, HasSubstr("a head of more than 64 KiB"));
}

TEST_F(PostClientTest, WaitsForASilentOrDrippingServerNoLongerThanTheCall) {
  PostReceiver receiver;
  receiver.next({"", Manner::silent});
  receiver.next({httpAnswer(200), Manner::dripping});
  PostClient client(target(receiver));
  for (int i = 0; i < 2; ++i) {
    const auto began = std::chrono::steady_clock::now();
    EXPECT_TRUE(failure(client, 500ms));
    EXPECT_LT(std::chrono::steady_clock::now() - began, 2s);
  }
}

TEST_F(PostClientTest, ComesBackSoonAfterItIsToldToStop) {
  PostReceiver receiver;
  receiver.always({"", Manner::silent});
  PostClient client(target(receiver));
  std::thread stops([&] {
    receiver.waitFor(1);
    stopping_ = true;
  });
  const auto began = std::chrono::steady_clock::now();
  EXPECT_TRUE(failure(client, 60s));
  EXPECT_LT(std::chrono::steady_clock::now() - began, 5s);
  stops.join();
}

TEST_F(PostClientTest, SaysThatNobodyListens) {
  auto receiver = std::make_unique<PostReceiver>();
  PostClient client(target(*receiver));
  receiver.reset();
  const auto failed = failure(client);
  ASSERT_TRUE(failed);
  EXPECT_EQ(failed->first, Stage::connecting);
  EXPECT_THAT(failed->second, HasSubstr("cannot be reached"));
}

TEST_F(PostClientTest, TrustsACertificateByItsFingerprintOrAuthorityAndNoOther) {
  const auto certificate = makeSelfSigned("127.0.0.1");
  ASSERT_TRUE(certificate);
  PostReceiver receiver(*certificate);
  const testing_support::Folder folder;
  const auto with = [&](const std::string& key, const std::string& value) {
    PostClient client(target(receiver, Json::object({{"tls", Json::object({{key, value}})}})));
    return post(client).status;
  };
  EXPECT_EQ(with("pin_sha256", certificate->fingerprint), 204);
  EXPECT_EQ(with("ca_file", folder.write("ca.pem", certificate->chain_pem).string()), 204);
  try {
    with("pin_sha256", std::string(64, 'a'));
    FAIL() << "it trusted a stranger";
  } catch (const PluginError& error) {
    EXPECT_EQ(error.errorClass(), ErrorClass::config);
    EXPECT_THAT(error.what(), HasSubstr(certificate->fingerprint));
  }
}

}  // namespace
}  // namespace scanhost::http_client
