// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// Which tokens of an authorization server are good, and which are not.
#include "host/auth/access_tokens.h"

#include <gmock/gmock.h>

#include "host/auth/jwt.h"
#include "host/auth/test_issuer.h"

namespace scanhost {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

OauthConfig oauthConfig() {
  OauthConfig config;
  config.issuer = TestIssuer::url;
  config.audience = TestIssuer::audience;
  config.algorithms = {JwtAlgorithm::rs256, JwtAlgorithm::ps256, JwtAlgorithm::es256,
                       JwtAlgorithm::eddsa};
  config.leeway = 30s;
  config.viewer_scope = "scanhost:read";
  config.client_scope = "scanhost:scan";
  config.operator_scope = "scanhost:admin";
  config.metrics_scope = "scanhost:metrics";
  return config;
}

class AccessTokensTest : public testing::Test {
 protected:
  static const TestIssuer& issuer() {
    static const TestIssuer one;  // an RSA key takes a while
    return one;
  }
  static AccessTokens tokensOf(OauthConfig config) {
    return AccessTokens(
        std::move(config),
        std::make_unique<JwksSource>([] { return Result<std::string>(issuer().jwks()); }, nullptr));
  }
  std::string refusal(const std::string& token) const {
    const auto caller = tokens.verify(token);
    if (caller) return "good";
    EXPECT_EQ(caller.error().error_class, ErrorClass::auth) << caller.error().message;
    return caller.error().message;
  }
  static Json claimsWith(const char* name, Json value) {
    Json claims = TestIssuer::claims();
    claims[name] = std::move(value);
    return claims;
  }
  static Json claimsWithout(const char* name) {
    Json claims = TestIssuer::claims();
    claims.erase(name);
    return claims;
  }
  static std::int64_t now() { return Timestamp::now().micros / 1'000'000; }

  const AccessTokens tokens = tokensOf(oauthConfig());
};

TEST_F(AccessTokensTest, SignaturesOfEachAlgorithmAreTaken) {
  for (const auto& [algorithm, key] : {std::pair("RS256", "rsa"), std::pair("PS256", "rsa"),
                                       std::pair("ES256", "ec"), std::pair("EdDSA", "ed")}) {
    const auto caller = tokens.verify(issuer().token(TestIssuer::claims(), algorithm, key));
    ASSERT_TRUE(caller) << algorithm << ": " << caller.error().message;
    EXPECT_EQ(caller->subject, "oauth:alice");
    EXPECT_EQ(caller->roles, std::set<std::string>{"client"});
    EXPECT_GT(*caller->expiry, Timestamp::now());
  }
}

TEST_F(AccessTokensTest, NoneAndHmacNeverAre) {
  const Json claims = TestIssuer::claims();
  for (const char* algorithm : {"none", "None", "HS256", "HS384", "RS1", ""}) {
    const std::string text = TestIssuer::part(TestIssuer::header(algorithm, "rsa").dump()) + "." +
                             TestIssuer::part(claims.dump());
    EXPECT_NE(refusal(text + "."), "good") << algorithm;
    EXPECT_NE(refusal(text + ".AAAA"), "good") << algorithm;
  }
}

TEST_F(AccessTokensTest, AlgorithmAndKeyMustFitEachOtherAndTheAllowList) {
  const Json claims = TestIssuer::claims();
  EXPECT_NE(refusal(issuer().sign(TestIssuer::header("RS256", "ec"), claims, "rsa")), "good");
  EXPECT_NE(refusal(issuer().sign(TestIssuer::header("ES256", "rsa"), claims, "ec")), "good");
  EXPECT_NE(refusal(issuer().sign(TestIssuer::header("RS256", "rsa"), claims, "ec")), "good");
  OauthConfig config = oauthConfig();
  config.algorithms = {JwtAlgorithm::eddsa};
  const AccessTokens narrow = tokensOf(config);
  EXPECT_FALSE(narrow.verify(issuer().token(claims)));
  EXPECT_TRUE(narrow.verify(issuer().token(claims, "EdDSA", "ed")));
}

TEST_F(AccessTokensTest, AnAlteredTokenIsRefused) {
  const std::string token = issuer().token(TestIssuer::claims("scanhost:read"));
  const std::size_t first = token.find('.'), second = token.rfind('.');
  const std::string forged = token.substr(0, first + 1) +
                             TestIssuer::part(TestIssuer::claims("scanhost:admin").dump()) +
                             token.substr(second);
  EXPECT_THAT(refusal(forged), HasSubstr("signature"));
  const TestIssuer stranger;
  EXPECT_THAT(refusal(stranger.token(TestIssuer::claims())), HasSubstr("signature"));
}

TEST_F(AccessTokensTest, IssuerAndAudienceAreComparedExactly) {
  for (const char* other : {"https://login.example.org/", "https://LOGIN.example.org",
                            "https://login.example.org.evil.example", ""})
    EXPECT_THAT(refusal(issuer().token(claimsWith("iss", other))), HasSubstr("issuer")) << other;
  for (const Json& other : {Json("https://scan.example.org"), Json("https://scan.example.org/mcp/"),
                            Json::array({"a", "b"}), Json(), Json(1)})
    EXPECT_THAT(refusal(issuer().token(claimsWith("aud", other))), HasSubstr("audience"));
  EXPECT_EQ(refusal(issuer().token(claimsWith("aud", Json::array({"x", TestIssuer::audience})))),
            "good");
}

TEST_F(AccessTokensTest, TimesCountWithALittleLeeway) {
  EXPECT_EQ(refusal(issuer().token(claimsWith("exp", now() - 10))), "good");
  EXPECT_THAT(refusal(issuer().token(claimsWith("exp", now() - 60))), HasSubstr("expired"));
  EXPECT_THAT(refusal(issuer().token(claimsWithout("exp"))), HasSubstr("when it expires"));
  for (const Json& odd : {Json("tomorrow"), Json(-1), Json(1e300), Json()})
    EXPECT_NE(refusal(issuer().token(claimsWith("exp", odd))), "good");
  EXPECT_EQ(refusal(issuer().token(claimsWith("nbf", now() + 10))), "good");
  EXPECT_THAT(refusal(issuer().token(claimsWith("nbf", now() + 60))), HasSubstr("not good yet"));
  EXPECT_THAT(refusal(issuer().token(claimsWith("iat", now() + 60))), HasSubstr("not good yet"));
}

TEST_F(AccessTokensTest, OtherKindsOfJwtAndUnknownDemandsAreRefused) {
  for (const auto& [type, verdict] :
       {std::pair("at+jwt", true), std::pair("application/at+JWT", true), std::pair("JWT", true),
        std::pair("logout+jwt", false), std::pair("dpop+jwt", false)}) {
    Json header = TestIssuer::header("ES256", "ec");
    header["typ"] = type;
    EXPECT_EQ(refusal(issuer().sign(header, TestIssuer::claims(), "ec")) == "good", verdict)
        << type;
  }
  Json header = TestIssuer::header("ES256", "ec");
  header["crit"] = Json::array({"b64"});
  EXPECT_THAT(refusal(issuer().sign(header, TestIssuer::claims(), "ec")), HasSubstr("crit"));
}

TEST_F(AccessTokensTest, ASubjectIsNeededAndStandsApartFromTokenNames) {
  EXPECT_THAT(refusal(issuer().token(claimsWithout("sub"))), HasSubstr("subject"));
  for (const std::string& odd : {std::string("a b"), std::string(300, 'a'), std::string("a\n")})
    EXPECT_THAT(refusal(issuer().token(claimsWith("sub", odd))), HasSubstr("subject"));
}

TEST_F(AccessTokensTest, ScopesBecomeRoles) {
  const auto rolesOf = [&](const Json& claims) {
    return tokens.verify(issuer().token(claims))->roles;
  };
  using Roles = std::set<std::string>;
  EXPECT_EQ(rolesOf(TestIssuer::claims("openid scanhost:read  scanhost:admin")),
            (Roles{"operator", "viewer"}));
  EXPECT_EQ(rolesOf(TestIssuer::claims("")), Roles{});
  EXPECT_EQ(rolesOf(TestIssuer::claims("scanhost:scanner")), Roles{});
  Json listed = TestIssuer::claims("");
  listed["scp"] = Json::array({"scanhost:metrics"});
  EXPECT_EQ(rolesOf(listed), Roles{"metrics"});
}

TEST_F(AccessTokensTest, WhatIsMalformedIsRefused) {
  const std::string good = issuer().token(TestIssuer::claims());
  for (const std::string& token :
       {std::string(), std::string("a"), std::string("."), std::string(".."), std::string("a.b.c"),
        good.substr(0, good.size() - 1), good + "=", "." + good, good + ".x",
        TestIssuer::part("[]") + "." + TestIssuer::part("{}") + ".AAAA",
        TestIssuer::part("{\"alg\":\"ES256\",\"alg\":\"none\"}") + "." + TestIssuer::part("{}") +
            ".AAAA",
        TestIssuer::part(std::string(5000, '[')) + "." + TestIssuer::part("{}") + ".AAAA"})
    EXPECT_NE(refusal(token), "good") << token.substr(0, 60);
}

}  // namespace
}  // namespace scanhost
