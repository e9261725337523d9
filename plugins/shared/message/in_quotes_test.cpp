// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "plugins/shared/message/in_quotes.h"

#include <gtest/gtest.h>

namespace scanhost {
namespace {

TEST(InQuotes, TextOfOthersIsOneBoundedLine) {
  EXPECT_EQ(inQuotes("a\r\nb\x1b[31m"), "\"a  b [31m\"");
  EXPECT_EQ(inQuotes(std::string(1000, 'x')).size(), 202u);
}

}  // namespace
}  // namespace scanhost
