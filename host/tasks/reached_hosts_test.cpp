// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "host/tasks/reached_hosts.h"

#include <gtest/gtest.h>

namespace scanhost {
namespace {

ReachedHosts sampleHosts() {
  ReachedHosts hosts;
  for (const char* good : {"10.0.0.3", "10.0.0.1", "10.0.0.2", "::1"})
    hosts.add(good, HostAuthentication::success);
  hosts.add("Web.example", HostAuthentication::failed);
  hosts.seal();
  return hosts;
}

TEST(ReachedHosts, AnswersForHostsThatAnsweredAndForNoOthers) {
  const ReachedHosts hosts = sampleHosts();
  EXPECT_EQ(hosts.find("10.0.0.2"), HostAuthentication::success);
  EXPECT_EQ(hosts.find("web.EXAMPLE"), HostAuthentication::failed);
  EXPECT_EQ(hosts.find("10.0.0.4"), std::nullopt);
  EXPECT_EQ(hosts.find("other.example"), std::nullopt);
}

TEST(ReachedHosts, AreStoredAsRangesAndReadBack) {
  const Json stored = sampleHosts().toJson();
  EXPECT_EQ(stored.dump(), R"({"success":["10.0.0.1-10.0.0.3","::1"],"failed":["web.example"]})");
  const auto read = ReachedHosts::fromJson(stored);
  ASSERT_TRUE(read);
  EXPECT_EQ(read->find("10.0.0.2"), HostAuthentication::success);
  EXPECT_EQ(read->find("web.example"), HostAuthentication::failed);
  EXPECT_EQ(read->find("10.0.0.4"), std::nullopt);
}

TEST(ReachedHosts, TooManyAreNotStoredInPart) {
  EXPECT_TRUE(sampleHosts().toJson(20).isNull());
}

}  // namespace
}  // namespace scanhost
