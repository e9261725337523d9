// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "plugins/transport/mcp/post_reply.h"

#include <gtest/gtest.h>
#include <scanhost/operations.h>

#include <thread>

#include "plugins/transport/mcp/recorded_stream_test.h"

namespace scanhost::mcp {
namespace {

/// One POST as a listener hands it over, and what was answered.
class Exchanged {
 public:
  explicit Exchanged(std::string accept) : accept_(std::move(accept)) {
    request_.struct_size = sizeof request_;
    request_.context = this;
    request_.header = [](void* context, scanhost_text name) {
      return toView(name) == "Accept" ? toText(of(context).accept_) : scanhost_text{nullptr, 0};
    };
    response_.struct_size = sizeof response_;
    response_.context = this;
    response_.send = [](void* context, std::int32_t code, scanhost_pairs, scanhost_bytes body) {
      return of(context).take(code, body);
    };
    response_.stream = [](void* context, std::int32_t, scanhost_pairs,
                          const scanhost_http_stream_options* options,
                          const scanhost_http_stream** out) {
      *out = of(context).stream.accept(*options);
      return scanhost_status{SCANHOST_OK};
    };
    response_.defer = [](void* context, const scanhost_http_deferred_options* options,
                         const scanhost_http_deferred** out) {
      Exchanged& self = of(context);
      self.gone_ = *options;
      self.deferred_ = {sizeof self.deferred_,
                        0,
                        context,
                        [](void* to, std::int32_t code, scanhost_pairs, scanhost_bytes body) {
                          of(to).lose();
                          return of(to).take(code, body);
                        },
                        nullptr,
                        [](void*) {}};
      *out = &self.deferred_;
      return scanhost_status{SCANHOST_OK};
    };
    response_.forbid = [](void* context, scanhost_texts scopes, scanhost_pairs,
                          scanhost_bytes body) {
      of(context).scope = toString(scopes.items[0]);
      return of(context).take(403, body);
    };
  }
  Exchanged(const Exchanged&) = delete;
  Exchanged& operator=(const Exchanged&) = delete;

  std::shared_ptr<PostReply> reply(PostReply::Options options = {}) {
    return std::make_shared<PostReply>(HttpRequest(&request_), http_response_, std::move(options));
  }
  /// The client of a deferred answer goes away.
  void lose() {
    if (gone_.gone) std::exchange(gone_.gone, nullptr)(gone_.user);
  }

  int status = 0;
  std::string text, scope;
  RecordedStream stream;

 private:
  static Exchanged& of(void* context) { return *static_cast<Exchanged*>(context); }
  scanhost_status take(std::int32_t code, scanhost_bytes body) {
    status = code;
    text = std::string(detail::toView(body));
    return SCANHOST_OK;
  }

  const std::string accept_;
  scanhost_http_request request_{};
  scanhost_http_response response_{};
  scanhost_http_deferred deferred_{};
  scanhost_http_deferred_options gone_{};
  HttpResponse http_response_{&response_};
};

constexpr const char* reads_both = "application/json, text/event-stream";

TEST(PostReply, AnAnswerThatIsThereAtOnceIsJson) {
  Exchanged exchanged(reads_both);
  const auto reply = exchanged.reply();
  reply->respond(200, "{}");
  reply->settle();
  EXPECT_EQ(exchanged.status, 200);
  EXPECT_EQ(exchanged.text, "{}");
}

TEST(PostReply, WhatComesBeforeTheAnswerMakesItAStream) {
  Exchanged exchanged(reads_both);
  const auto reply = exchanged.reply();
  reply->notify("1");
  reply->respond(200, "2");
  reply->settle();
  EXPECT_EQ(exchanged.stream.bytes, "event: message\ndata: 1\n\nevent: message\ndata: 2\n\n");
  EXPECT_TRUE(exchanged.stream.is_closed);
}

TEST(PostReply, ALateAnswerIsAStreamOrDeferredForThoseWhoReadJsonAlone) {
  Exchanged streams(reads_both), json("application/json");
  const auto streamed = streams.reply(), deferred = json.reply();
  streamed->settle();
  deferred->settle();
  deferred->notify("not for them");
  streamed->respond(200, "late");
  deferred->respond(200, "late");
  EXPECT_EQ(streams.stream.bytes, "event: message\ndata: late\n\n");
  EXPECT_EQ(json.text, "late");
}

TEST(PostReply, WhatOtherThreadsSayWaitsForTheHandlersEnd) {
  Exchanged exchanged(reads_both);
  const auto reply = exchanged.reply();
  std::thread([&] { reply->notify("1"); }).join();
  EXPECT_EQ(exchanged.stream.bytes, "");
  reply->settle();
  EXPECT_EQ(exchanged.stream.bytes, "event: message\ndata: 1\n\n");
  reply->drop();
}

TEST(PostReply, ABatchIsAnsweredAsOne) {
  Exchanged exchanged("application/json");
  const auto reply = exchanged.reply({.stream = {}, .answers = 2, .batch = true});
  reply->respond(200, "1");
  reply->settle();
  EXPECT_EQ(exchanged.status, 0);
  reply->respond(404, "2");
  EXPECT_EQ(exchanged.status, 200);
  EXPECT_EQ(exchanged.text, "[1,2]");
}

TEST(PostReply, AMissingScopeIsSaidWithItsChallenge) {
  Exchanged exchanged(reads_both);
  const auto reply = exchanged.reply();
  reply->forbid("scanhost:scan", "{}");
  reply->settle();
  EXPECT_EQ(exchanged.status, 403);
  EXPECT_EQ(exchanged.scope, "scanhost:scan");
}

TEST(PostReply, AClientThatGoesAwayCancelsButNotOnceItWasAnswered) {
  Exchanged gone("application/json"), answered("application/json");
  int cancelled = 0;
  const auto left = gone.reply(), stayed = answered.reply();
  for (const auto& reply : {left, stayed}) {
    reply->onGone([&] { ++cancelled; });
    reply->settle();
  }
  gone.lose();
  stayed->respond(200, "{}");
  EXPECT_EQ(cancelled, 1);
}

TEST(PostReply, NothingIsHeldOnceItWasAnsweredHoweverItWas) {
  for (const char* accept : {reads_both, "application/json"}) {
    Exchanged exchanged(accept);
    std::weak_ptr<PostReply> observed;
    {
      const auto reply = exchanged.reply();
      observed = reply;
      reply->onGone([reply] {});  // as a call does that holds its outlet
      reply->settle();
      reply->respond(200, "{}");
    }
    if (exchanged.stream.bytes.empty())
      exchanged.lose();
    else
      exchanged.stream.lose();
    EXPECT_TRUE(observed.expired()) << accept;
  }
}

}  // namespace
}  // namespace scanhost::mcp
