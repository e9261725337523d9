// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "plugins/scanner/nessus/nessus_client.h"

#include <gtest/gtest.h>

namespace scanhost::nessus {
namespace {

TEST(ApiToken, IsFoundInTheScriptInEitherCase) {
  EXPECT_EQ(apiTokenIn("x{key:\"getApiToken\",value:function(){return\"AD629E16-03B6-8C1D-CEF6-"
                       "EF8C9DD3C658\"}}"),
            "AD629E16-03B6-8C1D-CEF6-EF8C9DD3C658");
  EXPECT_EQ(apiTokenIn("getApiToken = function () { return 'ad629e16-03b6-8c1d-cef6-ef8c9dd3c658'"),
            "ad629e16-03b6-8c1d-cef6-ef8c9dd3c658");
}

TEST(ApiToken, IsEmptyWhereThereIsNone) {
  EXPECT_EQ(apiTokenIn(""), "");
  EXPECT_EQ(apiTokenIn("getApiToken"), "");
  EXPECT_EQ(apiTokenIn("getApiToken(){return\"not-a-uuid\"}"), "");
  EXPECT_EQ(apiTokenIn("getApiToken(){return\"AD629E16-03B6-8C1D-CEF6-EF8C9DD3\r\n58\"}"), "");
}

}  // namespace
}  // namespace scanhost::nessus
