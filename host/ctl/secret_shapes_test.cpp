// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "host/ctl/secret_shapes.h"

#include <gtest/gtest.h>

namespace scanhost::ctl {
namespace {

TEST(SecretShapes, NamesOfSecretsAreKnown) {
  for (const char* name :
       {"password", "db_passwd", "PASSPHRASE", "secret_key", "accessKey", "api-key", "key", "token",
        "Authorization", "client_secret", "cookie", "credentials", "snmp_community"})
    EXPECT_TRUE(isSecretName(name)) << name;
  for (const char* name : {"monkey", "keepalive", "url", "instance_key", "key_id", "tokens_file",
                           "--token-file", "host", "prefix", "compass", ""})
    EXPECT_FALSE(isSecretName(name)) << name;
}

TEST(SecretShapes, UserinfoReachesToTheLastAt) {
  EXPECT_EQ(userinfoOf("redis://user:p@ss/word@host:6379/0"), "user:p@ss/word");
  EXPECT_EQ(userinfoOf("https://host/path"), "");
  EXPECT_EQ(userinfoOf("a@b"), "");
}

void expectHidden(const std::string& text, const std::string& shown) {
  EXPECT_EQ(withoutSecretShapes(text), shown);
}

TEST(SecretShapes, UserinfoInUrlsIsHiddenUnlessItIsAReference) {
  expectHidden("see redis://u:pw@h/0, http://h/x@y", "see redis://[redacted]@h/0, http://h/x@y");
  expectHidden("redis://${env:LOGIN}@h", "redis://${env:LOGIN}@h");
  expectHidden("redis://u:p/w?x@h/0", "redis://[redacted]@h/0");
  expectHidden("http://h:8834/a@b", "http://h:8834/a@b");
}

TEST(SecretShapes, LoginsBeforeAHostAreHidden) {
  expectHidden("scp root:p@ss@10.0.0.1:/x, me@example.org",
               "scp [redacted]@10.0.0.1:/x, me@example.org");
  expectHidden("at 12:30 unit@1.service: @", "at 12:30 unit@1.service: @");
}

TEST(SecretShapes, CredentialsAfterTheirSchemeAreHidden) {
  expectHidden("got Bearer abcDEF123_-.~+/= and basic dXNlcjpwdw==",
               "got Bearer [redacted] and basic [redacted]");
  expectHidden("Authorization: Bearer abc", "Authorization: [redacted]");
  expectHidden("Authorization: Digest username=\"u\", response=\"6629\"\nnext",
               "Authorization: [redacted]\nnext");
  expectHidden("-H 'Authorization: Basic dTpw' https://h",
               "-H 'Authorization: [redacted]' https://h");
  expectHidden("Cookie: a=b; session=c\nnext", "Cookie: [redacted]\nnext");
  expectHidden("a bearer token, basic use", "a bearer token, basic use");
}

TEST(SecretShapes, TokensOfOursAndJsonWebTokensAreHidden) {
  expectHidden("x=scanhost_AbCdEfGhIjKlMnOpQrStUvWxYz0123456789_-abcde.", "x=[redacted]");
  expectHidden("eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl", "[redacted]");
  expectHidden("scanhost_certificate_expiry_timestamp_seconds 0",
               "scanhost_certificate_expiry_timestamp_seconds 0");
}

TEST(SecretShapes, TokensOfWellKnownServicesAreHidden) {
  for (const char* token :
       {"whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "ghp_AbCdEfGhIjKlMnOpQrStUvWxYz0123456789",
        "glpat-AbCdEfGhIjKlMnOpQrSt", "xoxb-1234-5678-AbCdEfGhIjKlMnOpQrSt",
        "sk-AbCdEfGhIjKlMnOpQrSt", "AKIAIOSFODNN7EXAMPLE0"})
    expectHidden("sent " + std::string(token) + " on", "sent [redacted] on");
}

TEST(SecretShapes, PrivateKeysAreHiddenToTheirEnd) {
  expectHidden("a\n-----BEGIN RSA PRIVATE KEY-----\nMII\nxyz\n-----END RSA PRIVATE KEY-----\nb",
               "a\n[redacted]\nb");
  expectHidden("-----BEGIN PRIVATE KEY-----\nMII", "[redacted]");
  expectHidden("-----BEGIN CERTIFICATE-----\nMII", "-----BEGIN CERTIFICATE-----\nMII");
}

TEST(SecretShapes, AssignedValuesAreHidden) {
  expectHidden("host=db password=a,b user=x", "host=db password=[redacted] user=x");
  expectHidden("{password=p}w&x, user=u}", "{password=[redacted], user=u}");
  expectHidden("token: abc, 'key' => 'd e', pwd:=f",
               "token: [redacted], 'key' => '[redacted]', pwd:=[redacted]");
  expectHidden("<password>p&amp;w</password> and on <b>",
               "<password>[redacted]</password> and on <b>");
  expectHidden(R"({"api_key": "a\"b", "n": 1})", R"({"api_key": "[redacted]", "n": 1})");
  expectHidden(R"({\"token\": \"abc\", \"n\": 1})", R"({\"token\": \"[redacted]\", \"n\": 1})");
  expectHidden("?access_key=abc&x=1", "?access_key=[redacted]&x=1");
  expectHidden("Authorization: Token abc def", "Authorization: [redacted] def");
  expectHidden("password: true, token=${env:T}", "password: true, token=${env:T}");
}

TEST(SecretShapes, ArgumentsOfProgramsAreHidden) {
  expectHidden("curl -u user:pw https://h", "curl -u [redacted] https://h");
  expectHidden("curl -uuser:pw h", "curl -u[redacted] h");
  expectHidden("curl --user 'user:p w' h", "curl --user '[redacted]' h");
  expectHidden("curl --proxy-user=user:pw h", "curl --proxy-user=[redacted] h");
  expectHidden("x --password p$w --api-key=k -v",
               "x --password [redacted] --api-key=[redacted] -v");
  expectHidden(R"(["curl", "-u", "user:pw"] ["--token","t"])",
               R"(["curl", "-u", "[redacted]"] ["--token","[redacted]"])");
  expectHidden("journalctl -u scanhost; nuclei -u https://h:1 --token-file /t",
               "journalctl -u scanhost; nuclei -u https://h:1 --token-file /t");
}

TEST(SecretShapes, ATextWithoutSecretsStaysAsItIs) {
  EXPECT_EQ(withoutSecretShapes("nothing here ://@ ="), "nothing here ://@ =");
  EXPECT_EQ(withoutSecretShapes(""), "");
}

}  // namespace
}  // namespace scanhost::ctl
