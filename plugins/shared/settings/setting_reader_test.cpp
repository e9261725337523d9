// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "plugins/shared/settings/setting_reader.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <scanhost/error.h>

namespace scanhost {
namespace {

using testing::ElementsAre;

const SettingReader reader("scanner-x");

TEST(SettingReader, ARefusalNamesPluginKeyValueAndWhatIsRight) {
  try {
    reader.number(Json(0), "depth", 1, 40);
    FAIL();
  } catch (const PluginError& error) {
    EXPECT_EQ(error.errorClass(), ErrorClass::config);
    EXPECT_STREQ(error.what(), "scanner-x: depth: \"0\" is not allowed; give 1 to 40");
  }
}

TEST(SettingReader, ListsAreBoundedAndWithoutRepetitions) {
  EXPECT_THAT(reader.ports(Json::parse("[80, 80, 443]"), "p"), ElementsAre(80, 443));
  EXPECT_THROW(reader.ports(Json::parse("[65536]"), "p"), PluginError);
  EXPECT_THROW(reader.ports(Json::parse("[\"80\"]"), "p"), PluginError);
  EXPECT_THAT(reader.words(Json::parse(R"(["a", "b", "a"])"), "w", {"a", "b"}),
              ElementsAre("a", "b"));
  EXPECT_THROW(reader.words(Json::parse(R"(["a,b"])"), "w", {"a", "b"}), PluginError);
}

TEST(SettingReader, ATimeNeedsItsUnitAndHasABound) {
  using namespace std::chrono_literals;
  EXPECT_EQ(reader.time(Json("1500ms"), "t", 10s), 2s);
  for (const char* bad : {"", "6", "0s", "11s"})
    EXPECT_THROW(reader.time(Json(bad), "t", 10s), PluginError) << bad;
}

TEST(SettingReader, APathIsAbsolute) {
  EXPECT_EQ(reader.absolutePath(Json(), "p", "/usr/bin/x"), "/usr/bin/x");
  EXPECT_THROW(reader.absolutePath(Json("x"), "p"), PluginError);
  EXPECT_THROW(reader.absolutePath(Json(), "p"), PluginError);
}

}  // namespace
}  // namespace scanhost
