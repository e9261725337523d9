// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "host/tasks/disk_space.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace scanhost {
namespace {

constexpr std::uint64_t mebibyte = 1u << 20;

DiskSpace withFree(std::optional<std::uint64_t> bytes, std::uint64_t floor = 10 * mebibyte) {
  return {[bytes] { return bytes; }, floor};
}

TEST(DiskSpace, SufficesDownToItsFloor) {
  EXPECT_TRUE(withFree(10 * mebibyte).check());
  EXPECT_FALSE(withFree(10 * mebibyte - 1).check());
}

TEST(DiskSpace, TooLittleIsTroubleOfTheNodeThatPasses) {
  const Status status = withFree(3 * mebibyte).check();
  ASSERT_FALSE(status);
  EXPECT_EQ(status.error().error_class, ErrorClass::busy);
  EXPECT_EQ(status.error().subject, ErrorSubject::backend);
  EXPECT_GT(status.error().retry_after.count(), 0);
  EXPECT_THAT(status.error().message, testing::HasSubstr("only 3 MiB are free"));
  EXPECT_THAT(status.error().message, testing::HasSubstr("limits.disk_free (10 MiB)"));
}

TEST(DiskSpace, AnySpaceWillDoWithoutAFloor) {
  EXPECT_TRUE(withFree(0, 0).check());
}

TEST(DiskSpace, SpaceThatCannotBeToldIsNoReasonToRefuse) {
  EXPECT_TRUE(withFree(std::nullopt).check());
  EXPECT_TRUE(DiskSpace("/nowhere/at/all", mebibyte).check());
}

TEST(DiskSpace, AStartNeedsAMebibyteWhateverTheFloor) {
  for (const std::uint64_t floor : {std::uint64_t{0}, 10 * mebibyte}) {
    EXPECT_TRUE(withFree(mebibyte, floor).checkStart());
    const Status status = withFree(mebibyte - 1, floor).checkStart();
    ASSERT_FALSE(status);
    EXPECT_EQ(status.error().message,
              "only 1023 KiB are free on the disk of node.data_dir, and a start needs 1 MiB; make "
              "room there");
  }
  EXPECT_TRUE(withFree(std::nullopt).checkStart());
}

TEST(DiskSpace, IsThatOfItsFolder) {
  EXPECT_GT(DiskSpace("/", 1).free().value_or(0), 0u);
}

}  // namespace
}  // namespace scanhost
