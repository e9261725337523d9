// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "plugins/scanner/nessus/config.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <scanhost/error.h>

namespace scanhost::nessus {
namespace {

using testing::HasSubstr;

Json settings(Json more = Json::object()) {
  Json values =
      Json::object({{"url", "https://scanner:8834"}, {"access_key", "AK"}, {"secret_key", "SK"}});
  for (const auto& [name, value] : more.members()) values[name] = value;
  return values;
}

std::string refusal(Json more) {
  try {
    readConfig(settings(std::move(more)));
  } catch (const PluginError& error) {
    EXPECT_EQ(error.errorClass(), ErrorClass::config);
    return error.what();
  }
  return "accepted";
}

TEST(NessusConfig, ReadsWhereTheScannerIs) {
  EXPECT_EQ(readConfig(settings()).url(), "https://scanner:8834");
  EXPECT_EQ(readConfig(settings(Json::object({{"url", "https://10.0.0.1/"}}))).url(),
            "https://10.0.0.1:8834");
  EXPECT_EQ(readConfig(settings(Json::object({{"url", "https://[::1]:443"}}))).url(),
            "https://[::1]:443");
}

TEST(NessusConfig, RefusesOtherAddresses) {
  for (const char* url : {"", "http://scanner:8834", "scanner:8834", "https://", "https://s:0",
                          "https://s:70000", "https://s/path", "https://s:1?x", "https://[::1"})
    EXPECT_THAT(refusal(Json::object({{"url", url}})), HasSubstr("url")) << url;
}

TEST(NessusConfig, ALoginInTheAddressIsRefusedAndNotRepeated) {
  const std::string said = refusal(Json::object({{"url", "https://me:hunter2@scanner"}}));
  EXPECT_THAT(said, HasSubstr("access_key"));
  EXPECT_THAT(said, testing::Not(HasSubstr("hunter2")));
}

TEST(NessusConfig, VerifiesTheCertificateUnlessToldOtherwise) {
  EXPECT_EQ(readConfig(settings()).server.tls.mode, tls::Trust::Mode::authorities);
  const Json insecure = Json::object({{"tls", Json::object({{"insecure", true}})}});
  EXPECT_EQ(readConfig(settings(insecure)).server.tls.mode, tls::Trust::Mode::insecure);
}

TEST(NessusConfig, TakesAFingerprintAsOpensslPrintsIt) {
  std::string colons;
  for (int i = 0; i < 32; ++i) colons += i ? ":AB" : "AB";
  const Json pin = Json::object({{"tls", Json::object({{"pin_sha256", colons}})}});
  EXPECT_EQ(readConfig(settings(pin)).server.tls.pin_sha256.substr(0, 6), "ababab");
  EXPECT_THAT(refusal(Json::object({{"tls", Json::object({{"pin_sha256", "abcd"}})}})),
              HasSubstr("64 hexadecimal"));
}

TEST(NessusConfig, TakesOneKindOfTrust) {
  EXPECT_THAT(
      refusal(Json::object({{"tls", Json::object({{"insecure", true}, {"ca_file", "/ca"}})}})),
      HasSubstr("one of"));
}

TEST(NessusConfig, ASessionOfTheWebPageIsAnExplicitChoice) {
  EXPECT_THAT(refusal(Json::object({{"username", "admin"}, {"password", "pw"}})),
              HasSubstr("ui_session: true only"));
  EXPECT_THAT(refusal(Json::object({{"ui_session", true}})), HasSubstr("username"));
  const Json session =
      Json::object({{"ui_session", true}, {"username", "admin"}, {"password", "pw"}});
  EXPECT_TRUE(readConfig(settings(session)).ui_session);
}

TEST(NessusConfig, AKeyThatCouldEndAHeaderIsRefusedAndNotRepeated) {
  const std::string said = refusal(Json::object({{"secret_key", "SEC\r\nX: y"}}));
  EXPECT_THAT(said, HasSubstr("secret_key"));
  EXPECT_THAT(said, testing::Not(HasSubstr("SEC")));
}

}  // namespace
}  // namespace scanhost::nessus
