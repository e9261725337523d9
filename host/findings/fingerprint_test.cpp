// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "host/findings/fingerprint.h"

#include <gtest/gtest.h>

namespace scanhost {
namespace {

/// Published with the rule (docs/reference); computed by another implementation.
TEST(Fingerprint, FollowsThePublishedVectors) {
  EXPECT_EQ(fingerprint({"nessus", "19506", "10.0.0.7", "0", "tcp", ""}),
            "1:c9f5e895337bca6ae2c6fe89c4557c1e");
  EXPECT_EQ(fingerprint({"nessus", "51192", "Web.Example.COM", "443", "tcp", ""}),
            "1:f0c447eee78fb5c669f0686daac7cbe7");
  EXPECT_EQ(fingerprint({"nessus", "21157", "10.0.0.7", "0", "tcp", "CIS_1.1.1 M\u00fcnchen"}),
            "1:e4d01b8c70465a0ed69a04185396da03");
  EXPECT_EQ(fingerprint({"nmap", "ssl-cert", "2001:db8::1", "443", "tcp", ""}),
            "1:48b9c494ee3c3c4826a6f175911fb6b0");
  EXPECT_EQ(fingerprint({"", "", "", "", "", ""}), "1:9d908ecfb6b256def8b49a7c504e6c88");
}

TEST(Fingerprint, LetterCaseCountsInAllButTheHost) {
  const auto base = fingerprint({"f", "id", "host", "1", "tcp", "key"});
  EXPECT_EQ(fingerprint({"f", "id", "HOST", "1", "tcp", "key"}), base);
  EXPECT_NE(fingerprint({"F", "id", "host", "1", "tcp", "key"}), base);
  EXPECT_NE(fingerprint({"f", "ID", "host", "1", "tcp", "key"}), base);
  EXPECT_NE(fingerprint({"f", "id", "host", "1", "TCP", "key"}), base);
  EXPECT_NE(fingerprint({"f", "id", "host", "1", "tcp", "KEY"}), base);
}

TEST(Fingerprint, TextMovedFromOnePartToTheNextIsAnotherIdentity) {
  EXPECT_EQ(fingerprint({"a", "bc", "", "", "", ""}), "1:351445ac3ad1db1279b4193937501555");
  EXPECT_EQ(fingerprint({"ab", "c", "", "", "", ""}), "1:591890a6393d05c32a9d7eb12a01deaa");
}

}  // namespace
}  // namespace scanhost
