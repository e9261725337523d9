// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "host/ctl/support_bundle.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>
#include <stdexcept>

namespace scanhost::ctl {
namespace {

using namespace std::string_literals;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

class SupportBundleTest : public ::testing::Test {
 protected:
  std::string textOf(const std::string& name, bool with_targets = false) {
    for (const ArchiveEntry& entry : bundle.finish("b", {}, with_targets).entries)
      if (entry.name == "b/" + name) return entry.text;
    return "";
  }

  SupportBundle bundle;
};

TEST_F(SupportBundleTest, ASecretLearntLaterGoesFromWhatCameBefore) {
  bundle.add("a.txt", "a", DocumentKind::service, "the canary-word"s);
  bundle.secrets().remember("canary-word");
  EXPECT_EQ(textOf("a.txt"), "the [redacted]\n");
}

TEST_F(SupportBundleTest, LinesOfJsonAreScrubbedAsJson) {
  bundle.add("e.jsonl", "events", DocumentKind::service,
             "scanhost is ready\n{\"event\":\"x\",\"token\":[\"canary\"]}\nplain\n"s);
  EXPECT_EQ(textOf("e.jsonl"),
            "scanhost is ready\n{\"event\":\"x\",\"token\":\"[redacted]\"}\nplain\n");
}

TEST_F(SupportBundleTest, TargetsAndNamesAreLeftOutUnlessWanted) {
  bundle.add("t.json", "tasks", DocumentKind::scans,
             Json::parse(R"({"task_id": "t", "name": "Board room", "error": "10.0.0.7 is down"})"));
  bundle.add("m.txt", "metrics", DocumentKind::service, "Board room, 10.9.9.9"s);
  bundle.targets().learn(Json::object({{"name", "Board room"}}));
  EXPECT_THAT(textOf("t.json"), AllOf(Not(HasSubstr("Board")), Not(HasSubstr("10.0.0.7"))));
  EXPECT_EQ(textOf("m.txt"), "[left out], 10.9.9.9\n");
  EXPECT_THAT(textOf("t.json", true), AllOf(HasSubstr("Board room"), HasSubstr("10.0.0.7")));
}

TEST_F(SupportBundleTest, ANumberMayBeASecretOrAName) {
  bundle.add("e.jsonl", "events", DocumentKind::scans, R"({"a":471147,"b":[202407],"c":3})"s);
  bundle.secrets().remember("471147");
  bundle.targets().learn(Json::object({{"name", "202407"}}));
  EXPECT_EQ(textOf("e.jsonl"), "{\"a\":\"[redacted]\",\"b\":[\"[left out]\"],\"c\":3}\n");
}

TEST_F(SupportBundleTest, WhatCannotBeHadIsSaidWithItsReason) {
  bundle.secrets().remember("canary-word");
  bundle.gather("x.json", "the thing", DocumentKind::service, []() -> SupportBundle::Content {
    throw std::runtime_error("canary-word refused");
  });
  bundle.gather("y.json", "another", DocumentKind::service,
                [] { return SupportBundle::Content(Json::object()); });
  EXPECT_THAT(textOf("MANIFEST.txt"), AllOf(HasSubstr("x.json  the thing: [redacted] refused"),
                                            HasSubstr("y.json  another")));
  EXPECT_EQ(textOf("x.json"), "");
}

/// Whatever stands before and behind it, and in whatever it is wrapped. `seed` picks the bytes.
TEST_F(SupportBundleTest, NoPartOfASecretIsInItWhereverItStands) {
  const std::vector<std::string> places = {
      "curl -u user:@ https://h",
      "curl --user=user:@ https://h",
      "password=@",
      "x password=@, user=u",
      "token: @",
      "x --password @ -v",
      "x --api-key=@",
      "Authorization: Bearer @",
      "got Authorization: Basic @ from h",
      "https://user:@@h/x",
      "refused user:@@h",
      "?access_key=@&x=1",
      "X-ApiKeys: accessKey=@; secretKey=@",
      "Cookie: session=@; other=@",
      "<password>@</password>",
      "DB_PASSWORD='@' PGPASSWORD=\"@\"",
      "-----BEGIN PRIVATE KEY-----\n@\n-----END PRIVATE KEY-----"};
  std::mt19937 random(20261130);
  const std::string bytes = "abcXYZ0189-_.~+/!$*%?^|,;&)}]#";
  for (int round = 0; round < 200; ++round) {
    std::string secret = "q";
    while (secret.size() < 12) secret += bytes[random() % bytes.size()];
    secret += 'z';
    for (const std::string& place : places) {
      std::string text;
      for (std::size_t i = 0; i < place.size(); ++i) {
        const bool host = place[i] == '@' && i + 1 < place.size() && place[i + 1] == 'h';
        text += place[i] == '@' && !host ? secret : std::string(1, place[i]);
      }
      SupportBundle one;
      const Json inner = Json::object({{"line", text}});
      one.add("a", "text", DocumentKind::scans, "before\n" + text + "\nbehind\n");
      one.add("b", "json", DocumentKind::scans,
              Json::object({{"line", text}, {"list", Json(Json::Array{Json(text)})}}));
      one.add("c", "json in json", DocumentKind::scans,
              Json::object({{"line", inner.dump()}}).dump() + "\n");
      for (const ArchiveEntry& entry : one.finish("b", {}, true).entries)
        for (std::size_t i = 0; i + 4 <= secret.size(); ++i)
          ASSERT_EQ(entry.text.find(secret.substr(i, 4)), std::string::npos)
              << secret << " of " << text << " in " << entry.text;
    }
  }
}

TEST_F(SupportBundleTest, WhatIsTooLargeLosesItsEndAndSaysSo) {
  std::string lines;
  while (lines.size() <= SupportBundle::max_document_bytes) lines += std::string(999, 'x') + "\n";
  bundle.add("big.txt", "much", DocumentKind::service, lines);
  const std::string text = textOf("big.txt");
  EXPECT_LE(text.size(), SupportBundle::max_document_bytes + 100);
  EXPECT_THAT(text.substr(text.size() - 60), HasSubstr("too large]\n"));
}

TEST_F(SupportBundleTest, TheWholeIsBounded) {
  const std::string text(SupportBundle::max_document_bytes - 1, ' ');
  for (int i = 0; i < 17; ++i) bundle.add(std::to_string(i), "much", DocumentKind::service, text);
  const auto entries = bundle.finish("b", {}, true).entries;
  std::size_t bytes = 0;
  for (const ArchiveEntry& entry : entries) bytes += entry.text.size();
  EXPECT_LE(bytes, SupportBundle::max_bytes + 10'000);
  EXPECT_THAT(entries.front().text, HasSubstr("16  much: the bundle would be too large"));
}

}  // namespace
}  // namespace scanhost::ctl
