// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// Who a request is from, by what it shows.
#include "host/auth/caller_check.h"

#include <gmock/gmock.h>
#include <sys/stat.h>

#include "host/auth/test_issuer.h"
#include "tests/support/folder.h"

namespace scanhost {
namespace {

using testing::HasSubstr;
using Roles = std::set<std::string>;

/// A request that consists of its head.
class Asked : public http::Request {
 public:
  std::optional<std::string> authorization;
  std::string address = "192.0.2.1";
  http::Headers headers_list;
  std::optional<http::ClientCertificate> certificate;

  const std::string& method() const override { return text_; }
  const std::string& path() const override { return text_; }
  const std::string& query() const override { return text_; }
  std::optional<std::string_view> header(std::string_view name) const override {
    return name == "Authorization" && authorization
               ? std::optional<std::string_view>(*authorization)
               : std::nullopt;
  }
  const http::Headers& headers() const override { return headers_list; }
  const std::string& remoteAddress() const override { return address; }
  bool isSecure() const override { return true; }
  std::optional<http::PeerCredentials> peerCredentials() const override { return std::nullopt; }
  std::optional<http::ClientCertificate> clientCertificate() const override { return certificate; }
  const http::Caller& caller() const override { return caller_; }
  bool isPeerGone() const override { return false; }
  Result<std::size_t> read(std::span<char>) override { return 0; }
  Result<std::string> readBody(std::size_t) override { return ""; }

 private:
  std::string text_;
  http::Caller caller_;
};

class CallerCheckTest : public testing::Test {
 protected:
  CallerCheckTest() {
    config.auth.mode = AuthMode::token;
    config.auth.tokens_file = folder.path() / "tokens";
    token = createToken(config.auth.tokens_file, {"ci", {Role::client}, {}}).value();
    config.auth.certificates = {{"agent", "DNS:Agent.example.org", {Role::viewer}}};
  }
  void make() {
    auto made = CallerCheck::make(config, rates, {});
    ASSERT_TRUE(made) << made.error().message;
    check = std::move(*made);
  }
  Result<http::Caller> ask(const std::string& authorization) const {
    Asked request;
    request.authorization = authorization;
    return check->find(request);
  }
  static ErrorClass classOf(const Result<http::Caller>& found) {
    return found ? ErrorClass{} : found.error().error_class;
  }

  testing_support::Folder folder;
  Config config;
  ClientRates rates;
  std::string token;
  std::shared_ptr<const CallerCheck> check;
};

TEST_F(CallerCheckTest, ATokensNameIsTheSubject) {
  make();
  const auto caller = ask("Bearer " + token);
  ASSERT_TRUE(caller);
  EXPECT_EQ(caller->subject, "ci");
  EXPECT_EQ(caller->roles, Roles{"client"});
  EXPECT_FALSE(caller->expiry);
}

TEST_F(CallerCheckTest, WithoutAGoodTokenThereIsNoCaller) {
  make();
  EXPECT_EQ(classOf(check->find(Asked())), ErrorClass::auth);
  EXPECT_EQ(classOf(ask("Bearer wrong")), ErrorClass::auth);
  EXPECT_EQ(classOf(ask("Basic " + token)), ErrorClass::auth);
  EXPECT_EQ(classOf(ask("Bearer")), ErrorClass::config);
  EXPECT_EQ(classOf(ask("Bearer " + token + " x")), ErrorClass::config);
  Asked twice;
  twice.authorization = "Bearer " + token;
  twice.headers_list = {{"Authorization", "Bearer " + token}, {"authorization", "Bearer other"}};
  EXPECT_EQ(classOf(check->find(twice)), ErrorClass::config) << "which of them?";
}

TEST_F(CallerCheckTest, ACertificateStandsForTheCallerItNames) {
  make();
  Asked request;
  const Timestamp later{Timestamp::now().micros + 1'000'000'000};
  request.certificate = http::ClientCertificate{{"CN:x", "DNS:agent.example.org"}, later};
  const auto caller = check->find(request);
  ASSERT_TRUE(caller);
  EXPECT_EQ(caller->subject, "cert:agent");
  EXPECT_EQ(caller->roles, Roles{"viewer"});
  EXPECT_EQ(caller->expiry, later);
  request.certificate->names = {"CN:agent.example.org", "DNS:agent.example.org.evil.example"};
  EXPECT_EQ(classOf(check->find(request)), ErrorClass::auth) << "known to the authority, not to us";
  request.certificate = http::ClientCertificate{{"DNS:agent.example.org"}, Timestamp{1}};
  EXPECT_EQ(classOf(check->find(request)), ErrorClass::auth) << "expired since the handshake";
}

TEST_F(CallerCheckTest, ATokenThatIsShownDecidesAlsoBesideACertificate) {
  make();
  Asked request;
  request.certificate =
      http::ClientCertificate{{"DNS:agent.example.org"}, {Timestamp::now().micros + 1'000'000'000}};
  request.authorization = "Bearer " + token;
  EXPECT_EQ(check->find(request)->subject, "ci");
  request.authorization = "Bearer wrong";
  EXPECT_EQ(classOf(check->find(request)), ErrorClass::auth);
}

TEST_F(CallerCheckTest, AccessTokensAreTakenBesideOurOwn) {
  const TestIssuer issuer;
  config.auth.oauth.issuer = TestIssuer::url;
  config.auth.oauth.audience = TestIssuer::audience;
  config.auth.oauth.jwks_file = folder.write("jwks.json", issuer.jwks());
  config.auth.oauth.algorithms = {JwtAlgorithm::es256};
  config.auth.oauth.client_scope = "scanhost:scan";
  make();
  EXPECT_EQ(ask("Bearer " + issuer.token(TestIssuer::claims()))->subject, "oauth:alice");
  EXPECT_EQ(ask("Bearer " + token)->subject, "ci");
}

TEST_F(CallerCheckTest, WithoutAuthenticationAllAreClientsAndMayReadTheMetrics) {
  config.auth = {};
  make();
  const auto caller = check->find(Asked());
  EXPECT_EQ(caller->subject, "anonymous");
  EXPECT_EQ(caller->roles, (Roles{"client", "metrics"}));
}

TEST_F(CallerCheckTest, WhoAsksTooOftenWaits) {
  make();
  rates.requests.setRate({1, 3});
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(ask("Bearer " + token));
  const auto refused = ask("Bearer " + token);
  EXPECT_EQ(classOf(refused), ErrorClass::busy);
  EXPECT_GT(refused.error().retry_after.count(), 0);
}

TEST_F(CallerCheckTest, FailuresOfAnAddressAreBoundedAndKeepNoGoodTokenOut) {
  make();
  int unauthorized = 0, too_often = 0;
  for (int i = 0; i < 100; ++i) {
    const ErrorClass given = classOf(ask("Bearer wrong"));
    (given == ErrorClass::auth ? unauthorized : too_often) += 1;
  }
  EXPECT_GE(unauthorized, 20);
  EXPECT_LE(unauthorized, 25);
  EXPECT_EQ(classOf(ask("Bearer wrong")), ErrorClass::busy);
  EXPECT_TRUE(ask("Bearer " + token));
  Asked elsewhere;
  elsewhere.address = "192.0.2.2";
  EXPECT_EQ(classOf(check->find(elsewhere)), ErrorClass::auth);
}

TEST_F(CallerCheckTest, AnIPv6ClientIsItsNetwork) {
  config.auth = {};
  make();
  rates.requests.setRate({1, 1});
  Asked request;
  request.address = "2001:db8:1:2::1";
  EXPECT_TRUE(check->find(request));
  request.address = "2001:db8:1:2:ffff::7";
  EXPECT_EQ(classOf(check->find(request)), ErrorClass::busy);
  request.address = "2001:db8:1:3::1";
  EXPECT_TRUE(check->find(request));
}

TEST_F(CallerCheckTest, ATokensFileThatCannotBeUsedIsNamed) {
  chmod(config.auth.tokens_file.c_str(), 0644);
  const auto made = CallerCheck::make(config, rates, {});
  ASSERT_FALSE(made);
  EXPECT_THAT(made.error().message,
              HasSubstr("auth.tokens_file: tokens file " + config.auth.tokens_file.string()));
}

TEST(RequestRate, IsUnlimitedWithoutAuthenticationUnlessAskedFor) {
  Config config;
  config.limits.request_burst = 7;
  EXPECT_EQ(requestRate(config), (Rate{0, 7}));
  config.auth.mode = AuthMode::token;
  EXPECT_EQ(requestRate(config), (Rate{500, 7}));
  config.limits.requests_per_second = 3;
  EXPECT_EQ(requestRate(config), (Rate{3, 7}));
}

}  // namespace
}  // namespace scanhost
