// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "host/findings/page.h"

#include <gtest/gtest.h>

#include <limits>

namespace scanhost {
namespace {

TEST(Page, SizeIsClampedAndNegativePageIsAnError) {
  EXPECT_EQ(makePage(1, 5)->page_size, 10);
  EXPECT_EQ(makePage(1, 500)->page_size, 100);
  EXPECT_EQ(makePage(1, -3)->page_size, 10);
  EXPECT_EQ(makePage(3, 40)->offset, 80u);
  EXPECT_FALSE(makePage(-1, 40));
  EXPECT_TRUE(makePage(0, 40)->isEverything());
}

TEST(Page, TotalPagesIsAtLeastOne) {
  EXPECT_EQ(totalPages(0, 10), 1);
  EXPECT_EQ(totalPages(10, 10), 1);
  EXPECT_EQ(totalPages(11, 10), 2);
}

TEST(Page, NextIsNothingOnTheLastPageAndPastTheEnd) {
  EXPECT_EQ(endOf(*makePage(1, 10), 11, 10).next_page, 2);
  EXPECT_EQ(endOf(*makePage(1, 10), 11, 10).next_offset, 10u);
  EXPECT_FALSE(endOf(*makePage(2, 10), 11, 1).next_offset);
  EXPECT_FALSE(endOf(*makePage(1, 10), 10, 10).next_offset);
  EXPECT_FALSE(endOf(*makePage(9, 10), 11, 0).next_offset);
  EXPECT_FALSE(endOf(*makePage(std::numeric_limits<std::int64_t>::max(), 100), 11, 0).next_offset);
  EXPECT_FALSE(endOf(*makePage(0, 10), 50, 50).next_offset);
}

TEST(Page, PageThatEndedEarlyGoesOnByCursorAlone) {
  const PageEnd end = endOf(*makePage(1, 10), 30, 4);
  EXPECT_EQ(end.next_offset, 4u);
  EXPECT_FALSE(end.next_page) << "page 2 would pass over six rows";
  const PageEnd after = endOf(pageAt(4, 10), 30, 6);
  EXPECT_EQ(after.next_offset, 10u);
  EXPECT_EQ(after.next_page, 2);
}

}  // namespace
}  // namespace scanhost
