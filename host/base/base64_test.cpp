// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "host/base/base64.h"

#include <gtest/gtest.h>

namespace scanhost {
namespace {

std::vector<std::uint8_t> bytesOf(std::string_view text) {
  return {text.begin(), text.end()};
}

TEST(Base64Url, WritesWithoutPaddingAndReadsItBack) {
  for (const auto& [plain, text] :
       {std::pair("", ""), std::pair("f", "Zg"), std::pair("fo", "Zm8"), std::pair("foo", "Zm9v"),
        std::pair("foob", "Zm9vYg"), std::pair("\xFF\xFE\xFD", "__79")}) {
    EXPECT_EQ(encodeBase64Url(bytesOf(plain)), text);
    EXPECT_EQ(decodeBase64Url(text), bytesOf(plain)) << text;
  }
}

TEST(Base64Url, EachValueHasOneText) {
  for (const char* text : {"Z", "Zg==", "Zh", "Zm9", "Zm+v", "Zm/v", "Zm 9v", "Zm9v\n"})
    EXPECT_EQ(decodeBase64Url(text), std::nullopt) << text;
}

}  // namespace
}  // namespace scanhost
