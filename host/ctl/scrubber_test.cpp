// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "host/ctl/scrubber.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace scanhost::ctl {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

TEST(Scrubber, ASecretIsFoundInEveryForm) {
  Scrubber scrubber;
  scrubber.remember("a/b\"c d%");
  EXPECT_EQ(scrubber.withoutKnown("plain a/b\"c d%, json a/b\\\"c d%, url a%2Fb%22c%20d%25"),
            "plain [redacted], json [redacted], url [redacted]");
}

TEST(Scrubber, ASecretWrittenForAUrlIsFoundAsThePluginReadsIt) {
  Scrubber scrubber;
  scrubber.remember("p%40ssword");
  EXPECT_EQ(scrubber.withoutKnown("login p@ssword"), "login [redacted]");
}

TEST(Scrubber, LinesAndWordsOfASecretAreFoundAlone) {
  Scrubber scrubber;
  scrubber.remember("Bearer word-of-eight\nsecond-line\nshort");
  EXPECT_EQ(scrubber.withoutKnown("word-of-eight, second-line, short"),
            "[redacted], [redacted], short");
}

TEST(Scrubber, TheLongerOfTwoSecretsGoesFirst) {
  Scrubber scrubber;
  scrubber.remember("abcd");
  scrubber.remember("abcdef");
  EXPECT_EQ(scrubber.withoutKnown("abcdef abcd"), "[redacted] [redacted]");
}

TEST(Scrubber, AShortSecretIsNotLookedFor) {
  Scrubber scrubber;
  scrubber.remember("abc");
  EXPECT_EQ(scrubber.known(), 0u);
}

TEST(Scrubber, JsonLosesWhatStandsUnderANameOfASecret) {
  Scrubber scrubber;
  scrubber.remember("hidden-word");
  const Json value = Json::parse(
      R"({"password": 17, "tokens": ["a", "b"], "token": true, "secret": null,
          "key": "${env:K}", "text": "a hidden-word", "list": [{"Authorization": "x"}]})");
  EXPECT_EQ(scrubber.scrub(value),
            Json::parse(
                R"({"password": "[redacted]", "tokens": "[redacted]", "token": true, "secret": null,
          "key": "${env:K}", "text": "a [redacted]", "list": [{"Authorization": "[redacted]"}]})"));
}

TEST(Scrubber, WhatLooksLikeASecretGoesWithoutBeingKnown) {
  EXPECT_THAT(Scrubber().scrub(std::string("got Bearer 0123456789")), Not(HasSubstr("0123456789")));
}

TEST(Scrubber, JsonLosesWhatAnotherMemberOrAnOptionCallsASecret) {
  const Json value = Json::parse(
      R"({"headers": [{"name": "X-Api-Key", "value": "a"}, {"name": "Accept", "value": "b"}],
          "arguments": ["curl", "-u", "user:pw", "-u", "https://h", "--password", "c", "d"],
          "words": ["Authorization:", "Bearer", "e", "token:", "f", "g"]})");
  EXPECT_EQ(
      Scrubber().scrub(value).dump(),
      R"({"headers":[{"name":"X-Api-Key","value":"[redacted]"},{"name":"Accept","value":"b"}],)"
      R"("arguments":["curl","-u","[redacted]","-u","https://h","--password","[redacted]","d"],)"
      R"("words":["Authorization:","[redacted]","[redacted]","token:","[redacted]","g"]})");
}

}  // namespace
}  // namespace scanhost::ctl
