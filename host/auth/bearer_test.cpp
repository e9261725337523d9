// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "host/auth/bearer.h"

#include <gtest/gtest.h>

namespace scanhost {
namespace {

TEST(Bearer, TakesTheTokenWhateverTheCaseOfTheScheme) {
  for (const char* header :
       {"Bearer abc.DEF-_~+/==", "bearer abc.DEF-_~+/==", "BEARER  abc.DEF-_~+/=="})
    EXPECT_EQ(bearerToken(header).value(), "abc.DEF-_~+/==") << header;
}

TEST(Bearer, AnotherSchemeIsNoCredentialOfOurs) {
  EXPECT_EQ(bearerToken("Basic dXNlcjpwYXNz").error().error_class, ErrorClass::auth);
  EXPECT_EQ(bearerToken("Negotiate").error().error_class, ErrorClass::auth);
}

TEST(Bearer, WhatIsNoHeaderOfThatFormIsMalformed) {
  for (const std::string& header :
       {std::string(), std::string(" "), std::string("Bearer"), std::string("Bearer "),
        std::string("Bearer a b"), std::string("Bearer a\"b"), std::string("Bearer =a"),
        std::string("Bearer a=b"), std::string("Bearer \x80"), std::string("Bea,rer x"),
        "Bearer " + std::string(max_bearer_bytes + 1, 'a')})
    EXPECT_EQ(bearerToken(header).error().error_class, ErrorClass::config) << header.substr(0, 40);
}

}  // namespace
}  // namespace scanhost
