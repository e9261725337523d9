// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// The plugin through the ABI, against a receiver that behaves well or badly.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <scanhost/testing/exporter.h>

#include "plugins/exporter/webhook/signing_key.h"
#include "tests/support/post_receiver.h"

namespace scanhost::webhook {
namespace {

using namespace std::chrono_literals;
using plugintest::ExporterUnderTest;
using plugintest::OfferedEvent;
using plugintest::TestHost;
using plugintest::TestPlugin;
using testing::HasSubstr;
using testing::Not;
using testing_support::httpAnswer;
using testing_support::PostReceiver;
using testing_support::ReceivedPost;
using Manner = testing_support::PostAnswer::Manner;

constexpr const char* secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

class WebhookPlugin : public testing::Test {
 protected:
  Json settings() const {
    return Json::object({{"url", receiver_.url()}, {"secret", secret}, {"timeout", "1s"}});
  }
  static std::vector<OfferedEvent> cancelled(const std::string& task) {
    return {{LogLevel::info, "tasks", "scan_cancelled", Json::object({{"task_id", task}})}};
  }
  double deliveries(const std::string& result) const {
    return host_.metric(
        "scanhost_webhook_deliveries_total",
        "receiver=http://127.0.0.1:" + std::to_string(receiver_.port()) + ",result=" + result);
  }
  static void expectSigned(const ReceivedPost& post) {
    EXPECT_EQ(post.headers.at("webhook-signature"),
              SigningKey::read(secret)->sign(post.headers.at("webhook-id"),
                                             std::stoll(post.headers.at("webhook-timestamp")),
                                             post.body));
  }
  /// All that the plugin logged, as text.
  std::string log() {
    std::string text;
    for (const auto& event : host_.events().all())
      text += event.event + " " + event.fields.dump() + "\n";
    return text;
  }

  PostReceiver receiver_;
  TestHost host_;
  TestPlugin plugin_{SCANHOST_PLUGIN_FILE, host_};
};

TEST_F(WebhookPlugin, PostsASignedNotice) {
  ExporterUnderTest exporter(plugin_, settings());
  exporter.events(cancelled("t1"));
  ASSERT_TRUE(receiver_.waitFor(1));
  const ReceivedPost post = receiver_.received().at(0);
  expectSigned(post);
  EXPECT_EQ(post.headers.at("content-type"), "application/json");
  EXPECT_EQ(Json::parse(post.body)["data"]["task_id"].asString(), "t1");
}

TEST_F(WebhookPlugin, SendsTheSameIdAgainAfterA500AndIsSignedAnew) {
  receiver_.next({httpAnswer(500)});
  ExporterUnderTest exporter(plugin_, settings());
  exporter.events(cancelled("t1"));
  ASSERT_TRUE(receiver_.waitFor(2));
  const auto posts = receiver_.received();
  EXPECT_EQ(posts[0].headers.at("webhook-id"), posts[1].headers.at("webhook-id"));
  EXPECT_EQ(posts[0].body, posts[1].body);
  expectSigned(posts[0]);
  expectSigned(posts[1]);
}

TEST_F(WebhookPlugin, HonoursRetryAfter) {
  receiver_.next({httpAnswer(429, "Retry-After: 2\r\n")});
  ExporterUnderTest exporter(plugin_, settings());
  exporter.events(cancelled("t1"));
  ASSERT_TRUE(receiver_.waitFor(2));
  const auto posts = receiver_.received();
  EXPECT_GE(posts[1].at - posts[0].at, 2s);
}

TEST_F(WebhookPlugin, FollowsNoRedirectAndSaysSo) {
  PostReceiver elsewhere;
  receiver_.next({httpAnswer(302, "Location: " + elsewhere.url() + "\r\n")});
  {
    ExporterUnderTest exporter(plugin_, settings());
    exporter.events(cancelled("t1"));
    ASSERT_TRUE(receiver_.waitFor(2));
  }
  EXPECT_TRUE(elsewhere.received().empty());
  EXPECT_THAT(log(), HasSubstr("answers 302, and redirects are not followed"));
}

TEST_F(WebhookPlugin, GetsOverASilentADrippingAndAHugeAnswer) {
  receiver_.next({"", Manner::silent});
  receiver_.next({httpAnswer(200), Manner::dripping});
  receiver_.next({httpAnswer(500, {}, std::string(4u << 20, 'x'))});
  ExporterUnderTest exporter(plugin_, settings());
  exporter.events(cancelled("t1"));
  ASSERT_TRUE(receiver_.waitFor(4, 30'000ms));
  EXPECT_EQ(receiver_.received()[3].headers.at("webhook-id"),
            receiver_.received()[0].headers.at("webhook-id"));
}

TEST_F(WebhookPlugin, DeliversToAReceiverThatComesBack) {
  auto first = std::make_unique<PostReceiver>();
  const std::uint16_t port = first->port();
  Json own = settings();
  own["url"] = first->url();
  first.reset();
  ExporterUnderTest exporter(plugin_, own);
  exporter.events(cancelled("t1"));
  std::this_thread::sleep_for(300ms);
  PostReceiver back({}, port);
  EXPECT_TRUE(back.waitFor(1, 30'000ms));
}

TEST_F(WebhookPlugin, SendsOnlyTheKindsItIsToldTo) {
  Json own = settings();
  own["events"] = Json::array({"scope_refused"});
  ExporterUnderTest exporter(plugin_, own);
  exporter.events(cancelled("t1"));
  exporter.events({{LogLevel::warning, "policy", "policy_decision",
                    Json::object({{"decision", "deny"}, {"stage", "submission"}})}});
  ASSERT_TRUE(receiver_.waitFor(1));
  std::this_thread::sleep_for(100ms);
  const auto posts = receiver_.received();
  ASSERT_EQ(posts.size(), 1u);
  EXPECT_THAT(posts[0].body, HasSubstr("scope.refused"));
}

TEST_F(WebhookPlugin, TellsNoSecretWhateverHappens) {
  receiver_.next({httpAnswer(401)});
  receiver_.next({httpAnswer(410)});
  Json own = settings();
  own["headers"] = Json::object({{"Authorization", "Bearer hunter2"}});
  {
    ExporterUnderTest exporter(plugin_, own);
    exporter.events(cancelled("t1"));
    exporter.events(cancelled("t2"));
    ASSERT_TRUE(receiver_.waitFor(2));
  }
  EXPECT_EQ(receiver_.received()[0].headers.at("authorization"), "Bearer hunter2");
  EXPECT_THAT(log(), HasSubstr("webhook_receiver_gone"));
  EXPECT_THAT(log(), Not(HasSubstr("hunter2")));
  EXPECT_THAT(log(), Not(HasSubstr("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")));
  EXPECT_EQ(deliveries("refused"), 2);
}

}  // namespace
}  // namespace scanhost::webhook
