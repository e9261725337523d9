// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// Keys that are fetched: when, how often, and what an issuer that misbehaves comes to.
#include "host/auth/jwks_source.h"

#include <gmock/gmock.h>

#include <atomic>
#include <fstream>

#include "host/auth/test_issuer.h"
#include "host/base/movable_clock_test.h"
#include "host/http/listener.h"
#include "tests/support/folder.h"

namespace scanhost {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

constexpr JwtAlgorithm es256 = JwtAlgorithm::es256;

TEST(JwksSource, AnUnknownKeyIsFetchedForAndThenNotForAWhile) {
  const TestIssuer issuer;
  MovableClock clock;
  std::atomic<int> fetches{0};
  JwksSource source([&] { return ++fetches, Result<std::string>(issuer.jwks()); }, nullptr, clock);
  EXPECT_TRUE(source.keysFor("ec", es256)) << "waits for the first fetch";
  EXPECT_EQ(fetches, 1);
  for (int i = 0; i < 50; ++i)
    EXPECT_EQ(source.keysFor("made-up", es256).error().error_class, ErrorClass::auth);
  EXPECT_EQ(fetches, 1) << "made-up names cost the issuer nothing";
  clock.pass(31s);
  EXPECT_FALSE(source.keysFor("made-up", es256));
  EXPECT_EQ(fetches, 2) << "a new key of the issuer is found";
}

TEST(JwksSource, KeysStayWhileTheIssuerIsAway) {
  const TestIssuer issuer;
  MovableClock clock;
  std::atomic<bool> away{false};
  std::vector<std::string> troubles;
  JwksSource source(
      [&]() -> Result<std::string> {
        if (away) return fail(ErrorClass::transient, "nobody is there");
        return issuer.jwks();
      },
      [&](const std::string& what) { troubles.push_back(what); }, clock);
  ASSERT_TRUE(source.keysFor("ec", es256));
  away = true;
  for (int i = 0; i < 3; ++i) {
    clock.pass(31s);
    EXPECT_FALSE(source.keysFor("made-up", es256));
  }
  EXPECT_TRUE(source.keysFor("ec", es256));
  EXPECT_EQ(troubles, std::vector<std::string>{"nobody is there"}) << "said once";
  clock.pass(25h);
  EXPECT_EQ(source.keysFor("made-up", es256).error().error_class, ErrorClass::transient)
      << "but not for ever";
}

TEST(JwksSource, WithoutAnyKeysNothingCanBeTold) {
  JwksSource source([]() { return Result<std::string>("<html>"); }, nullptr);
  EXPECT_EQ(source.keysFor("ec", es256).error().error_class, ErrorClass::transient);
}

TEST(JwksSource, AFileIsReadOnceAndItsFaultNamed) {
  const testing_support::Folder folder;
  const TestIssuer issuer;
  const auto good = JwksSource::fromFile(folder.write("jwks.json", issuer.jwks()));
  ASSERT_TRUE(good);
  EXPECT_EQ((*good)->keysFor("", es256)->size(), 1u) << "without an id, what suits";
  const auto bad = JwksSource::fromFile(folder.write("bad.json", R"({"keys":[]})"));
  ASSERT_FALSE(bad);
  EXPECT_THAT(bad.error().message, HasSubstr("bad.json: it holds no key"));
  EXPECT_FALSE(JwksSource::fromFile(folder.path() / "none.json"));
}

TEST(Jwks, KeysThatAreWeakOrForOtherThingsArePassedOver) {
  const TestIssuer issuer;
  const Json good = Json::parse(issuer.jwks());
  const auto usable = [&](std::size_t at, const char* name, Json value) {
    Json key = good["keys"].items()[at];
    key[name] = std::move(value);
    return Jwks::parse(Json::object({{"keys", Json::array({key})}}).dump()).has_value();
  };
  EXPECT_TRUE(usable(0, "x", "y"));
  EXPECT_FALSE(usable(0, "use", "enc"));
  EXPECT_FALSE(usable(0, "key_ops", Json::array({"encrypt"})));
  EXPECT_FALSE(usable(0, "alg", "RSA-OAEP"));
  EXPECT_FALSE(usable(0, "e", "AQ")) << "an exponent of 1 signs nothing";
  EXPECT_FALSE(usable(0, "n", std::string(170, 'B'))) << "1020 bits";
  EXPECT_FALSE(usable(1, "crv", "secp256k1"));
  EXPECT_FALSE(usable(1, "x", std::string(43, 'A'))) << "not on the curve";
  EXPECT_FALSE(usable(2, "x", "AAAA"));
  EXPECT_FALSE(Jwks::parse(
      Json::object({{"keys", Json::array({Json::object({{"kty", "oct"}, {"k", "AAAA"}})})}})
          .dump()))
      << "a shared secret is no public key";
}

/// An issuer's server, on loopback.
class Server {
 public:
  explicit Server(http::Handler handler) {
    auto mounted = listener_.route({{"GET"}, "/jwks.json", "", std::move(handler)});
    EXPECT_TRUE(mounted);
    route_ = std::move(*mounted);
    EXPECT_TRUE(listener_.start());
  }
  std::string url() const {
    return "http://127.0.0.1:" + std::to_string(listener_.port()) + "/jwks.json";
  }

 private:
  static http::ListenOptions options() {
    http::ListenOptions options;
    options.listen = "127.0.0.1:0";
    options.threads = 1;
    return options;
  }
  http::Listener listener_{options()};
  http::RouteHandle route_;
};

TEST(FetchDocument, BringsTheBodyOf200AndNothingElse) {
  const Server good([](http::Request&, http::Response& response) { response.send(200, {}, "{}"); });
  EXPECT_EQ(fetchDocument(good.url(), {}, 100).value(), "{}");
  const Server elsewhere([&](http::Request&, http::Response& response) {
    response.send(302, {{"Location", good.url()}}, "");
  });
  EXPECT_THAT(fetchDocument(elsewhere.url(), {}, 100).error().message, HasSubstr("answers 302"));
  const Server large([](http::Request&, http::Response& response) {
    response.send(200, {}, std::string(10'000, 'x'));
  });
  EXPECT_THAT(fetchDocument(large.url(), {}, 4096).error().message, HasSubstr("more than 4 KiB"));
  EXPECT_FALSE(fetchDocument("http://127.0.0.1:1/jwks.json", {}, 100));
}

}  // namespace
}  // namespace scanhost
