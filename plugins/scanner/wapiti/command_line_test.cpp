// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "plugins/scanner/wapiti/command_line.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <scanhost/error.h>

namespace scanhost::wapiti {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::IsSupersetOf;
using testing::Not;
using testing::Pair;

Site site(std::string address, std::string name, std::uint16_t port) {
  return {{std::move(address), std::move(name)}, port};
}

TEST(WapitiCommandLine, AsksThePinnedAddressWhateverTheName) {
  ScanOptions options;
  options.path = "/shop/";
  const auto words = arguments(options, site("10.0.0.7", "web.example.org", 80), "/run");
  EXPECT_THAT(words, IsSupersetOf({"http://10.0.0.7/shop/", "Host: web.example.org"}));
  EXPECT_THAT(words, Not(Contains(testing::HasSubstr("//web.example.org"))));
}

TEST(WapitiCommandLine, ANameComesWithItsPortWhereThatIsUnusual) {
  ScanOptions options;
  options.scheme = "https";
  EXPECT_THAT(arguments(options, site("10.0.0.7", "a.example", 443), "/run"),
              Contains("Host: a.example"));
  EXPECT_THAT(arguments(options, site("10.0.0.7", "a.example", 8443), "/run"),
              Contains("Host: a.example:8443"));
}

TEST(WapitiCommandLine, ANameThatIsNoneBeginsNoHeader) {
  EXPECT_THROW(arguments({}, site("10.0.0.7", "a\r\nX: y", 80), "/run"), PluginError);
}

TEST(WapitiCommandLine, OnlyTheAddressIsExemptFromAProxyThatRefuses) {
  EXPECT_THAT(environment(site("10.0.0.7", "", 80), "/run"),
              IsSupersetOf(Pairs{{"http_proxy", "http://127.0.0.1:1"},
                                 {"https_proxy", "http://127.0.0.1:1"},
                                 {"no_proxy", "10.0.0.7"},
                                 {"HOME", "/run"}}));
}

TEST(WapitiCommandLine, AShortIpv6AddressIsExemptInFull) {
  const std::string full = "0000:0000:0000:0000:0000:0000:0000:0001";
  EXPECT_THAT(environment(site("::1", "", 80), "/run"), Contains(Pair("no_proxy", full)));
  EXPECT_THAT(arguments({}, site("::1", "", 80), "/run"), Contains("http://[" + full + "]/"));
}

TEST(WapitiCommandLine, SendsNoReportToItsMakersAndUsesNoServerOfTheirs) {
  EXPECT_THAT(arguments({}, site("10.0.0.7", "", 80), "/run"),
              IsSupersetOf({"--no-bugreport", "--endpoint", "http://endpoint.invalid/"}));
}

TEST(WapitiCommandLine, PortsAreTheSchemesUnlessGiven) {
  ScanOptions options;
  EXPECT_THAT(portsOf(options), ElementsAre(80));
  options.scheme = "https";
  EXPECT_THAT(portsOf(options), ElementsAre(443));
  options.ports = {8443, 9443};
  EXPECT_THAT(portsOf(options), ElementsAre(8443, 9443));
}

}  // namespace
}  // namespace scanhost::wapiti
