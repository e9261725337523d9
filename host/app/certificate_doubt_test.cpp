// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "host/app/certificate_doubt.h"

#include <gtest/gtest.h>

namespace scanhost {
namespace {

Timestamp at(const char* text) {
  return parseTimestamp(text).value();
}

const http::CertificateLife life{at("2026-03-01T00:00:00Z"), at("2026-06-01T00:00:00Z")};

TEST(CertificateDoubt, NothingIsSaidOfOneThatIsGoodForThreeWeeks) {
  EXPECT_FALSE(doubtOf(life, at("2026-03-01T00:00:00Z")));
  EXPECT_FALSE(doubtOf(life, at("2026-05-11T00:00:00Z")));
}

TEST(CertificateDoubt, NothingIsSaidWhereThereIsNone) {
  EXPECT_FALSE(doubtOf({}, at("2026-05-11T00:00:00Z")));
}

TEST(CertificateDoubt, OneThatEndsWithinThreeWeeksIsAWarning) {
  const auto doubt = doubtOf(life, at("2026-05-11T00:00:01Z"));
  ASSERT_TRUE(doubt);
  EXPECT_EQ(doubt->level, Level::warning);
  EXPECT_EQ(doubt->text,
            "expires at 2026-06-01T00:00:00.000000Z; put a new one in its place before");
}

TEST(CertificateDoubt, OneThatClientsRefuseIsAnError) {
  const auto expired = doubtOf(life, at("2026-06-01T00:00:00Z"));
  ASSERT_TRUE(expired);
  EXPECT_EQ(expired->level, Level::error);
  EXPECT_TRUE(expired->text.starts_with("expired at 2026-06-01T00:00:00.000000Z"));
  const auto early = doubtOf(life, at("2026-02-28T23:59:59Z"));
  ASSERT_TRUE(early);
  EXPECT_EQ(early->level, Level::error);
  EXPECT_TRUE(early->text.starts_with("is not good before 2026-03-01T00:00:00.000000Z"));
}

}  // namespace
}  // namespace scanhost
