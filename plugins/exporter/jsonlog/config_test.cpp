// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "plugins/exporter/jsonlog/config.h"

#include <gtest/gtest.h>
#include <scanhost/error.h>

namespace scanhost {
namespace {

TEST(JsonlogConfig, WritesEverythingToStandardOutputByDefault) {
  const JsonlogConfig config = JsonlogConfig::read(Json::object());
  EXPECT_EQ(config.output, JsonlogConfig::Output::standard_output);
  EXPECT_EQ(config.level, SCANHOST_LEVEL_DEBUG);
}

TEST(JsonlogConfig, ReadsAFileWithItsRotation) {
  const JsonlogConfig config = JsonlogConfig::read(Json::parse(
      R"({"output":"file","level":"warning","file":{"path":"/x/y","max_size":8192,"max_files":2}})"));
  EXPECT_EQ(config.output, JsonlogConfig::Output::file);
  EXPECT_EQ(config.level, SCANHOST_LEVEL_WARNING);
  EXPECT_EQ(config.path, "/x/y");
  EXPECT_EQ(config.max_size, 8192u);
  EXPECT_EQ(config.max_files, 2u);
}

TEST(JsonlogConfig, RefusesAFileOutputWithoutAFile) {
  EXPECT_THROW(JsonlogConfig::read(Json::parse(R"({"output":"file"})")), PluginError);
}

TEST(JsonlogConfig, RefusesAFileThatNothingWouldWrite) {
  EXPECT_THROW(JsonlogConfig::read(Json::parse(R"({"output":"stderr","file":{"path":"/x"}})")),
               PluginError);
}

TEST(JsonlogConfig, ReadsWhereTheJournalListens) {
  EXPECT_EQ(JsonlogConfig::read(Json::parse(R"({"output":"journald"})")).socket,
            "/run/systemd/journal/socket");
  EXPECT_EQ(JsonlogConfig::read(Json::parse(R"({"output":"journald","journald":{"socket":"/x"}})"))
                .socket,
            "/x");
  EXPECT_THROW(JsonlogConfig::read(Json::parse(R"({"journald":{"socket":"/x"}})")), PluginError);
}

}  // namespace
}  // namespace scanhost
