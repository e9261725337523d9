// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "plugins/shared/local_scan/addresses.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace scanhost::local_scan {
namespace {

using testing::ElementsAre;

TEST(PinnedAddresses, ABlockIsTakenApart) {
  EXPECT_THAT(pinnedAddresses({{"10.0.0.252/30", {"10.0.0.252/30"}, false}}, 4),
              ElementsAre(PinnedAddress{"10.0.0.252", ""}, PinnedAddress{"10.0.0.253", ""},
                          PinnedAddress{"10.0.0.254", ""}, PinnedAddress{"10.0.0.255", ""}));
  EXPECT_THAT(pinnedAddresses({{"2001:db8::fe/127", {"2001:db8::fe/127"}, false}}, 4),
              ElementsAre(PinnedAddress{"2001:db8::fe", ""}, PinnedAddress{"2001:db8::ff", ""}));
}

TEST(PinnedAddresses, ANameStaysWithItsAddresses) {
  EXPECT_THAT(
      pinnedAddresses(
          {{"a.example", {"10.0.0.7", "10.0.0.7"}, true}, {"10.0.0.7", {"10.0.0.7"}, false}}, 4),
      ElementsAre(PinnedAddress{"10.0.0.7", "a.example"}, PinnedAddress{"10.0.0.7", ""}));
}

TEST(PinnedAddresses, MoreThanAllowedAreRefusedBeforeTheyAreHeld) {
  EXPECT_THROW(pinnedAddresses({{"::/0", {"::/0"}, false}}, 256), PluginError);
}

TEST(PinnedAddresses, WhatIsNoAddressIsRefused) {
  for (const char* bad : {"", "-iL", "web.example.org", "10.0.0.1/33", "10.0.0.1 -x", "10.0.0.1/"})
    EXPECT_THROW(pinnedAddresses({{bad, {bad}, false}}, 4), PluginError) << bad;
  EXPECT_THROW(pinnedAddresses({}, 4), PluginError);
}

}  // namespace
}  // namespace scanhost::local_scan
