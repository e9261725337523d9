// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "host/ctl/shown_configuration.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "host/config/load.h"
#include "host/config/test_files.h"

namespace scanhost::ctl {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

/// What a manifest of scanner-known says of its settings.
const Json& knownSchema() {
  static const Json schema = Json::parse(R"({"properties": {
    "url": {"type": "string"}, "pin": {"type": "string", "x-secret": true},
    "headers": {"x-secret": true, "additionalProperties": {}},
    "key_file": {"type": "string"}, "password": {"type": "string"},
    "list": {"items": {"properties": {"code": {"x-secret": true}, "port": {}}}}}})");
  return schema;
}

class ShownConfiguration : public ::testing::Test {
 protected:
  Json show(const std::string& yaml, PolicyTargets targets = PolicyTargets::left_out) {
    const TreeOutcome outcome = loadTree(files.write("scanhost.yaml", yaml), environment);
    const SchemaOf schema_of = [](const std::string& plugin) -> const Json* {
      return plugin == "scanner-known" ? &knownSchema() : nullptr;
    };
    return showConfiguration(outcome.tree.value(), environment, schema_of, targets, secrets);
  }
  /// The settings of one scanner.
  Json showScanner(const std::string& settings, const std::string& plugin = "scanner-known") {
    const Json shown =
        show("scanners: [{name: s, pool: p, plugin: " + plugin + ", config: " + settings + "}]\n");
    return shown["scanners"].items()[0]["config"];
  }
  bool isFound(const std::string& secret) {
    return secrets.withoutKnown("x " + secret + " x") == "x [redacted] x";
  }

  TestFiles files;
  Environment environment{{"PW", "from-environment"}, {"PORT", "8835"}};
  Scrubber secrets;
};

TEST_F(ShownConfiguration, EveryKeyIsThereWithItsValueOrDefault) {
  const Json shown = show("tasks: {lease: 5s}\n");
  EXPECT_EQ(shown["tasks"]["lease"].asString(), "5s");
  EXPECT_EQ(shown["tasks"]["timeout"].asString(), "24h");
  EXPECT_EQ(shown["http"]["max_connections"].asInteger(), 16384);
  EXPECT_FALSE(shown["auth"].has("tokens_file")) << "it has no default";
}

TEST_F(ShownConfiguration, WhatAManifestCallsASecretIsHiddenAndLookedForElsewhere) {
  const Json shown = showScanner(
      "{url: \"https://h\", pin: canary-pin, headers: {X: canary-header}, "
      "list: [{code: canary-code, port: 1}]}");
  EXPECT_EQ(shown, Json::parse(R"({"url": "https://h", "pin": "[redacted]",
    "headers": "[redacted]", "list": [{"code": "[redacted]", "port": 1}]})"));
  for (const char* secret : {"canary-pin", "canary-header", "canary-code"})
    EXPECT_TRUE(isFound(secret)) << secret;
}

TEST_F(ShownConfiguration, OfAnExportersUrlSchemeHostAndPortAreShown) {
  const auto showUrl = [this](const std::string& url) {
    return show("exporters: [{plugin: scanner-known, config: {url: \"" + url +
                "\"}}]\n")["exporters"]
        .items()[0]["config"]["url"]
        .asString();
  };
  EXPECT_EQ(showUrl("https://hooks.example:8443/services/canary-path?key=canary-query"),
            "https://hooks.example:8443/[redacted]");
  EXPECT_TRUE(isFound("/services/canary-path?key=canary-query"));
  EXPECT_EQ(showUrl("https://hooks.example?canary-query"), "https://hooks.example/[redacted]");
  EXPECT_EQ(showUrl("https://hooks.example/"), "https://hooks.example/");
  EXPECT_EQ(showUrl("https://hooks.example/canary/${env:PW}"), "https://hooks.example/${env:PW}");
  EXPECT_EQ(showUrl("https://${env:PW}/canary"), "${env:PW}");
  EXPECT_EQ(showUrl("${env:PW}/canary"), "${env:PW}");
  EXPECT_EQ(showUrl("canary-of-no-form"), "[redacted]");
  EXPECT_EQ(showScanner("{url: \"https://h/path\"}")["url"].asString(), "https://h/path");
}

TEST_F(ShownConfiguration, ANameOfASecretHidesWhereTheManifestDoesNot) {
  EXPECT_EQ(showScanner("{password: canary-password, key_file: /etc/key}"),
            Json::parse(R"({"password": "[redacted]", "key_file": "/etc/key"})"));
  EXPECT_TRUE(isFound("canary-password"));
}

TEST_F(ShownConfiguration, WhatNoManifestTellsOfIsHidden) {
  EXPECT_EQ(showScanner("{anything: canary-value, deep: {er: 1}}", "scanner-unknown"),
            Json("[redacted]"));
  EXPECT_EQ(showScanner("{surprise: canary-surprise}"),
            Json::parse(R"({"surprise": "[redacted]"})"));
  EXPECT_TRUE(isFound("canary-value"));
  EXPECT_TRUE(isFound("canary-surprise"));
}

TEST_F(ShownConfiguration, ReferencesStandInPlaceOfWhatTheyExpandTo) {
  const auto file = files.write("pw", "from-file-here\n").string();
  const Json shown = showScanner("{url: \"https://h/${env:PW}\", pin: \"${file:" + file +
                                 "}\", password: \"x${env:PW:-canary-default}y\"}");
  EXPECT_EQ(shown["url"].asString(), "https://h/${env:PW}");
  EXPECT_EQ(shown["pin"].asString(), "${file:" + file + "}");
  EXPECT_EQ(shown["password"].asString(), "${env:PW:-...}");
  EXPECT_TRUE(isFound("from-environment"));
  EXPECT_TRUE(isFound("from-file-here"));
}

TEST_F(ShownConfiguration, AReferenceThatCannotBeExpandedHereIsShownAllTheSame) {
  EXPECT_EQ(showScanner("{pin: \"${env:UNSET}\"}"), Json::parse(R"({"pin": "${env:UNSET}"})"));
}

TEST_F(ShownConfiguration, UserinfoOfUrlsIsHidden) {
  const Json shown = showScanner("{url: \"redis://user:canary@pw/1@host/0\"}");
  EXPECT_EQ(shown["url"].asString(), "redis://[redacted]@host/0");
  EXPECT_TRUE(isFound("canary@pw/1"));
  EXPECT_EQ(showScanner("{url: \"redis://:${env:PW}@host/0\"}")["url"].asString(),
            "redis://${env:PW}@host/0");
}

TEST_F(ShownConfiguration, UnknownKeysAreNotShown) {
  EXPECT_THAT(show("pasword: canary-typo\nnode: {pasword: canary-typo}\n").dump(),
              Not(HasSubstr("canary")));
}

TEST_F(ShownConfiguration, TargetsOfThePolicyAreCountedUnlessWanted) {
  const std::string yaml = "policy: {targets: {allow: [10.0.0.0/8, 192.0.2.1]}}\n";
  EXPECT_EQ(show(yaml)["policy"]["targets"]["allow"].asString(),
            "2 left out; --with-targets shows them");
  EXPECT_EQ(show(yaml, PolicyTargets::shown)["policy"]["targets"]["allow"].size(), 2u);
}

TEST_F(ShownConfiguration, TheEarlierServicesScannersAreShownByTheSameRules) {
  files.write("old.yaml",
              "known:\n  - {instance_id: s, plugin: scanner-known, url: u, pin: \"${PW}\"}\n");
  const Json shown = show("scanners_file: old.yaml\n");
  EXPECT_EQ(shown["scanners"].items()[0]["config"], Json::parse(R"({"url": "u", "pin": "${PW}"})"));
  EXPECT_TRUE(isFound("from-environment"));
}

TEST_F(ShownConfiguration, TemplatesAreHeldAgainstThePluginsOfScanners) {
  const Json shown = show(
      "scanners: [{name: s, pool: p, plugin: scanner-known}]\n"
      "scan_templates: {quick: {config: {url: u, pin: canary-pin, other: canary-other}}}\n");
  EXPECT_EQ(shown["scan_templates"]["quick"]["config"],
            Json::parse(R"({"url": "u", "pin": "[redacted]", "other": "[redacted]"})"));
}

}  // namespace
}  // namespace scanhost::ctl
