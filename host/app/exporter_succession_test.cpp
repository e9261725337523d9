// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "host/app/exporter_succession.h"

#include <gmock/gmock.h>

namespace scanhost {
namespace {

using testing::ElementsAre;
using testing::Optional;

ExporterSettings jsonlog(const char* config) {
  return {"exporter-jsonlog", Json::parse(config)};
}

const ExporterSettings first = jsonlog(R"({"output":"file","file":{"path":"/first"}})");
const ExporterSettings second = jsonlog(R"({"output":"file","file":{"path":"/second"}})");
const ExporterSettings changed_second =
    jsonlog(R"({"output":"file","file":{"path":"/second","max_size":1}})");

TEST(ExporterSuccession, AChangedEntryTakesItsOwnPlaceAndNotThatOfOneThatIsGone) {
  EXPECT_THAT(findPredecessors({changed_second}, {first, second}), ElementsAre(Optional(1u)));
}

TEST(ExporterSuccession, ANewEntryThatStandsFirstTakesNoPlaceOfAChangedOne) {
  EXPECT_THAT(findPredecessors({first, changed_second}, {second}),
              ElementsAre(std::nullopt, Optional(0u)));
}

TEST(ExporterSuccession, FewerDifferencesDecideBetweenThoseWithAsMuchInCommon) {
  EXPECT_THAT(findPredecessors({jsonlog(R"({"level":"info"})")}, {first, jsonlog("{}")}),
              ElementsAre(Optional(1u)));
}

TEST(ExporterSuccession, TheOrderDecidesBetweenThoseThatAreAlike) {
  EXPECT_THAT(findPredecessors({jsonlog(R"({"output":"file","file":{"path":"/third"}})"),
                                jsonlog(R"({"output":"file","file":{"path":"/fourth"}})")},
                               {first, second}),
              ElementsAre(Optional(0u), Optional(1u)));
}

TEST(ExporterSuccession, ItemsOfListsAreSettingsToo) {
  EXPECT_THAT(
      findPredecessors({jsonlog(R"({"events":["a","b","c"]})")},
                       {jsonlog(R"({"events":["c"]})"), jsonlog(R"({"events":["a","b"]})")}),
      ElementsAre(Optional(1u)));
}

TEST(ExporterSuccession, NobodyTakesThePlaceOfAnotherPlugin) {
  EXPECT_THAT(findPredecessors({{"exporter-otlp", first.config}}, {first}),
              ElementsAre(std::nullopt));
}

}  // namespace
}  // namespace scanhost
