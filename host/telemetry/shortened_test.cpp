// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "host/telemetry/shortened.h"

#include <gtest/gtest.h>

#include <string>

namespace scanhost {
namespace {

TEST(Shortened, WhatIsShortStaysAsItIs) {
  for (const Json& value : {Json(), Json(7), Json(""), Json(std::string(100, 'x')),
                            Json::array({1, "two"}), Json::object({{"a", 1}})})
    EXPECT_EQ(shortened(value, 100 + sizeof(Json) * 3), value);
  EXPECT_EQ(shortened(std::string(100, 'x'), 100), std::string(100, 'x'));
}

TEST(Shortened, ALongTextKeepsItsBeginningAndTellsItsSize) {
  EXPECT_EQ(shortened(std::string(70'000, 'x'), 10), "xxxxxxxxxx... (70000 bytes)");
  EXPECT_EQ(shortened("aää", 2), "a... (5 bytes)") << "no character is split";
}

TEST(Shortened, ALongArrayOrObjectKeepsTheFirstAndTellsHowManyMoreThereWere) {
  Json array = Json::array();
  Json object = Json::object();
  for (int i = 0; i < 1000; ++i) {
    array.push("item " + std::to_string(i));
    object["member " + std::to_string(i)] = i;
  }
  const Json items = shortened(array, 1024);
  ASSERT_GT(items.size(), 2u);
  EXPECT_EQ(items.items().front(), "item 0");
  EXPECT_EQ(items.items().back(), "... (" + std::to_string(1001 - items.size()) + " more)");
  EXPECT_LT(items.dump().size(), 1024u);
  const Json members = shortened(object, 1024);
  EXPECT_EQ(members["member 0"], 0);
  EXPECT_EQ(members["..."], "... (" + std::to_string(1001 - members.size()) + " more)");
  EXPECT_LT(members.dump().size(), 1024u);
}

TEST(Shortened, AMemberThatIsCalledLikeTheRestMakesNoNameTwice) {
  Json object = Json::object({{"...", "its own"}});
  for (int i = 0; i < 1000; ++i) object["member " + std::to_string(i)] = i;
  const Json kept = shortened(object, 1024);
  EXPECT_TRUE(Json::tryParse(kept.dump())) << kept.dump();
  EXPECT_NE(kept["..."].asString().find("more)"), std::string::npos);
}

TEST(Shortened, ALongTextWithinIsCutAndALongNameLeftOut) {
  const std::string text(70'000, 'x');
  const Json within = shortened(Json::array({text}), 1024);
  EXPECT_EQ(within.items().at(0).asString().substr(0, 9), "xxxxxxxxx");
  EXPECT_EQ(shortened(Json::object({{text, 1}}), 1024), Json::object({{"...", "... (1 more)"}}));
  Json deep = text;
  for (int i = 0; i < 50; ++i) deep = Json::array({std::move(deep)});
  EXPECT_LT(shortened(deep, 1024).dump().size(), 2048u);
}

}  // namespace
}  // namespace scanhost
