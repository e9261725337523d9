// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "sdk/tool/inspect.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>

#include <cstdio>

#include "tests/plugins/plugin_folder.h"

namespace scanhost {
namespace {

using testing::HasSubstr;

std::string fixture(const std::string& plugin) {
  return (std::filesystem::path(SCANHOST_FIXTURE_DIR) / (plugin + ".so")).string();
}

struct ToolRun {
  int code = -1;
  std::string output;
};
ToolRun runTool(const std::string& arguments) {
  ToolRun run;
  std::FILE* pipe =
      popen((std::string(SCANHOST_PLUGIN_TOOL) + " " + arguments + " 2>&1").c_str(), "r");
  char buffer[4096];
  for (std::size_t count; (count = std::fread(buffer, 1, sizeof buffer, pipe)) > 0;)
    run.output.append(buffer, count);
  run.code = WEXITSTATUS(pclose(pipe));
  return run;
}

TEST(Inspect, PrintsAPluginThatFits) {
  const ToolRun run = runTool("inspect " + fixture("exporter-good"));
  EXPECT_EQ(run.code, 0);
  EXPECT_THAT(run.output, HasSubstr("exporter-good 1.0.0"));
  EXPECT_THAT(run.output, HasSubstr("scanhost.exporter/1, stable"));
  EXPECT_THAT(run.output, HasSubstr("Fits this SDK."));
}

TEST(Inspect, PrintsJson) {
  const ToolRun run = runTool("inspect --json " + fixture("exporter-abi-major-2"));
  EXPECT_EQ(run.code, 1);
  const Json json = Json::parse(run.output.substr(0, run.output.find('\n')));
  EXPECT_EQ(json["abi"]["major"].asInteger(), 2);
  EXPECT_FALSE(json["usable"].asBool(true));
  EXPECT_THAT(json["problems"].items().at(0).asString(), HasSubstr("ABI major 2"));
}

TEST(Inspect, SaysWhyAFileIsNoPlugin) {
  EXPECT_THAT(runTool("inspect " + fixture("exporter-no-manifest")).output,
              HasSubstr("no section .scanhost.manifest"));
  EXPECT_THAT(runTool("inspect /etc/passwd").output, HasSubstr("not an ELF file"));
  EXPECT_THAT(runTool("inspect /nowhere.so").output, HasSubstr("No such file"));
  EXPECT_EQ(runTool("inspect /etc/passwd").code, 2);
}

TEST(Inspect, NamesAMissingEntry) {
  const auto inspection = inspectPlugin(fixture("exporter-no-entry"));
  ASSERT_TRUE(inspection) << inspection.error();
  EXPECT_THAT(inspection->problems.at(0), HasSubstr("does not export scanhost_plugin_v1"));
}

}  // namespace
}  // namespace scanhost
