// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "plugins/scanner/nmap/command_line.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace scanhost::nmap {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::IsSupersetOf;
using testing::Not;

std::string joined(const std::vector<std::string>& words) {
  std::string line;
  for (const std::string& word : words) line += word + " ";
  return line;
}

TEST(NmapCommandLine, ReadsTargetsFromStandardInputAndNeedsNoPrivilege) {
  const auto list = arguments({}, {}, AddressFamily::ipv4);
  EXPECT_THAT(list, IsSupersetOf({"-iL", "-sT", "--unprivileged", "-n", "-oX"}));
  EXPECT_THAT(joined(list), testing::HasSubstr("-iL - "));
  EXPECT_THAT(joined(list), testing::HasSubstr("--top-ports 1000 -T3 -sV --host-timeout 1800s"));
}

TEST(NmapCommandLine, RawScansBySyn) {
  Config config;
  config.raw = true;
  const auto list = arguments(config, {}, AddressFamily::ipv6);
  EXPECT_THAT(list, IsSupersetOf({"-sS", "--privileged", "-6"}));
  EXPECT_THAT(list, Not(Contains("-sT")));
}

TEST(NmapCommandLine, ScriptsNeverReachBeyondTheTargets) {
  ScanOptions options;
  options.script_categories = {"vuln", "safe"};
  EXPECT_THAT(arguments({}, options, AddressFamily::ipv4),
              Contains("(vuln or safe) and not (broadcast or brute or dos or external)"));
  options.external_lookups = true;
  EXPECT_THAT(arguments({}, options, AddressFamily::ipv4),
              Contains("(vuln or safe) and not (broadcast or brute or dos)"));
}

TEST(NmapCommandLine, SplitsTargetsByFamilyAndDropsRepeats) {
  const auto lists = targetLists(
      {{"a", {"10.0.0.7", "10.0.0.0/30"}, true}, {"b", {"2001:db8::1", "10.0.0.7"}, true}});
  ASSERT_EQ(lists.size(), 2u);
  EXPECT_EQ(lists[0].input, "10.0.0.7\n10.0.0.0/30\n");
  EXPECT_EQ(lists[0].addresses, 5u);
  EXPECT_EQ(lists[1].input, "2001:db8::1\n");
}

TEST(NmapCommandLine, RefusesWhatIsNoAddress) {
  for (const char* bad : {"example.org", "10.0.0.1 --script=x", "10.0.0.1-20", "10.0.0.0/33", "",
                          "10.0.0.1\n10.0.0.2", "-iR", "10.0.0.0/", "# comment"})
    EXPECT_THROW(targetLists({{"x", {bad}, false}}), PluginError) << bad;
  EXPECT_THROW(targetLists({}), PluginError);
}

}  // namespace
}  // namespace scanhost::nmap
