// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "plugins/scanner/nessus/scan_settings.h"

#include <gtest/gtest.h>

namespace scanhost::nessus {
namespace {

ScanRequest request() {
  ScanRequest made;
  made.name = "LAN \"x\"";
  made.marker = "[scanhost:ne_a_1/2]";
  made.targets = {{"web.example.org", {"10.0.0.7", "2001:db8::1"}, true},
                  {"10.0.0.0/29", {"10.0.0.0/29", "10.0.0.7"}, false}};
  return made;
}

TEST(NewScan, IsMadeWithoutBeingLaunchedUnderTheMarkedName) {
  const Json scan = newScan(request(), "uuid-1");
  EXPECT_EQ(scan["uuid"].asString(), "uuid-1");
  EXPECT_EQ(scan["settings"]["name"].asString(), "LAN \"x\" [scanhost:ne_a_1/2]");
  EXPECT_FALSE(scan["settings"]["launch_now"].asBool(true));
  EXPECT_FALSE(scan["settings"]["enabled"].asBool(true));
  EXPECT_FALSE(scan.has("credentials"));
}

TEST(NewScan, ScansThePinnedAddressesAndNotTheName) {
  EXPECT_EQ(newScan(request(), "u")["settings"]["text_targets"].asString(),
            "10.0.0.7,2001:db8::1,10.0.0.0/29");
}

TEST(NewScan, RefusesWhatIsNoAddress) {
  for (const char* bad : {"web.example.org", "10.0.0.1,10.9.9.9", "a[10.0.0.1]", "10.0.0.1 b"}) {
    ScanRequest wrong = request();
    wrong.targets[0].addresses = {bad};
    EXPECT_THROW(newScan(wrong, "u"), PluginError) << bad;
  }
  ScanRequest none = request();
  none.targets.clear();
  EXPECT_THROW(newScan(none, "u"), PluginError);
}

TEST(NewScan, PutsAnSshLoginWhereNessusLooksForIt) {
  ScanRequest with_login = request();
  with_login.credential = Credential("ssh-password", Pairs{{"username", "u"}, {"password", "p"}});
  const Json plain = newScan(with_login, "u")["credentials"]["add"]["Host"]["SSH"].items().at(0);
  EXPECT_EQ(plain["auth_method"].asString(), "password");
  EXPECT_EQ(plain["password"].asString(), "p");
  EXPECT_EQ(plain["elevate_privileges_with"].asString(), "Nothing");
  EXPECT_FALSE(plain.has("escalation_account"));

  with_login.credential = Credential("ssh-password", Pairs{{"username", "u"},
                                                           {"password", "p"},
                                                           {"elevate_privileges_with", "sudo"},
                                                           {"escalation_account", "root"},
                                                           {"escalation_password", "p2"}});
  const Json raised = newScan(with_login, "u")["credentials"]["add"]["Host"]["SSH"].items().at(0);
  EXPECT_EQ(raised["elevate_privileges_with"].asString(), "sudo");
  EXPECT_EQ(raised["escalation_account"].asString(), "root");
  EXPECT_EQ(raised["escalation_password"].asString(), "p2");
}

TEST(NewScan, RefusesACredentialItCannotMap) {
  ScanRequest odd = request();
  odd.credential = Credential("kerberos", Pairs{});
  EXPECT_THROW(newScan(odd, "u"), PluginError);
}

TEST(Addresses, AreCountedOverBlocks) {
  EXPECT_EQ(addressesIn("10.0.0.1,10.0.0.0/30, 2001:db8::1"), 6u);
  EXPECT_EQ(addressesIn(""), 0u);
}

}  // namespace
}  // namespace scanhost::nessus
