// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "plugins/exporter/webhook/signing_key.h"

#include <gtest/gtest.h>

namespace scanhost::webhook {
namespace {

TEST(SigningKey, SignsAsTheSpecificationsExampleDoes) {
  // https://github.com/standard-webhooks/standard-webhooks, the vector of its libraries' tests.
  const auto key = SigningKey::read("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw");
  ASSERT_TRUE(key);
  EXPECT_EQ(key->sign("msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, R"({"test": 2432232314})"),
            "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
}

TEST(SigningKey, IsOf24To64Bytes) {
  const auto of = [](std::size_t groups) {
    std::string base64;
    for (std::size_t i = 0; i < groups; ++i) base64 += "AAAA";
    return SigningKey::read("whsec_" + base64).has_value();
  };
  EXPECT_FALSE(of(7));  // 21 bytes
  EXPECT_TRUE(of(8));
  EXPECT_TRUE(of(21));
  EXPECT_FALSE(of(22));  // 66 bytes
}

TEST(SigningKey, IsReadStrictly) {
  const std::string good = "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
  for (const std::string& bad :
       {std::string(), good, "whsec_" + good + "\n", "whsec_ " + good, "whsec_" + good + "=",
        "whsec_" + good.substr(1), "whsec_" + good.substr(0, 30) + "!!", "WHSEC_" + good,
        "whsec_" + good + "ab=="})
    EXPECT_FALSE(SigningKey::read(bad)) << bad;
  EXPECT_TRUE(SigningKey::read("whsec_" + good + "YQ=="));
}

}  // namespace
}  // namespace scanhost::webhook
