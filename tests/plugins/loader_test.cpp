// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "host/plugins/loader.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <scanhost/abi/exporter.h>

#include <cstdlib>

#include "tests/plugins/plugin_folder.h"

namespace scanhost {
namespace {

using testing::HasSubstr;

struct Fault {
  const char* plugin;
  const char* message;  ///< a part of the refusal
  bool before_loading;  ///< refused without a line of the plugin having run
};

void PrintTo(const Fault& fault, std::ostream* out) {
  *out << fault.plugin;
}

class FaultyPlugin : public testing::TestWithParam<Fault> {
 protected:
  void SetUp() override {
    marker_ = folder_.base() / "marker";
    setenv("SCANHOST_TEST_MARKER", marker_.c_str(), 1);
  }
  void TearDown() override { unsetenv("SCANHOST_TEST_MARKER"); }

  PluginFolder folder_;
  std::filesystem::path marker_;
};

TEST_P(FaultyPlugin, IsRefusedWithItsReason) {
  folder_.add(GetParam().plugin);
  PluginLoader loader({.folder = folder_.path()});

  const auto plugin = loader.load(GetParam().plugin);

  ASSERT_FALSE(plugin);
  EXPECT_EQ(plugin.error().error_class, ErrorClass::config);
  EXPECT_THAT(plugin.error().message, HasSubstr("plugin " + std::string(GetParam().plugin) + ": "));
  EXPECT_THAT(plugin.error().message, HasSubstr(GetParam().message));
  if (GetParam().before_loading) {
    EXPECT_FALSE(std::filesystem::exists(marker_));
  }
}

INSTANTIATE_TEST_SUITE_P(
    EachFault, FaultyPlugin,
    testing::Values(
        Fault{"exporter-abi-major-2", "built for ABI major 2, and this host speaks major 1", true},
        Fault{"exporter-entry-v2", "does not export scanhost_plugin_v1 but scanhost_plugin_v2",
              true},
        Fault{"exporter-no-entry", "does not export scanhost_plugin_v1; SCANHOST_PLUGIN", true},
        Fault{"exporter-min-minor-99", "needs ABI minor 99, and this host has 2", true},
        Fault{"exporter-null-table", "refused this host", false},
        Fault{"exporter-short-table", "has no get_interface", false},
        Fault{"exporter-null-get-interface", "has no get_interface", false},
        Fault{"exporter-no-interface", "provides scanhost.exporter/1, but get_interface has none",
              false},
        Fault{"exporter-any-interface", "an id it cannot know", false},
        Fault{"exporter-manifest-revision",
              "is of draft revision 99, and this host knows the stable form", true},
        Fault{"exporter-table-revision", "is of revision 99, expected 0", false},
        Fault{"exporter-short-interface", "has 40 bytes, expected 80", false},
        Fault{"exporter-null-create", "lacks one of create, start, stop and destroy", false},
        Fault{"exporter-no-manifest", "no section .scanhost.manifest", true},
        Fault{"exporter-other-manifest", "differs from the one in section", false},
        Fault{"exporter-bad-json", "is not JSON", true},
        Fault{
            "exporter-bad-members",
            "version must be a text of 1 to 256 bytes, found 1; vendor must be a text of 1 to 256 "
            "bytes, found \"\"; licence must be a text of 1 to 256 bytes, found nothing; abi must "
            "be an object, found 1; provides must name 1 to 64 interfaces, found 0",
            true},
        Fault{"exporter-misnamed", "gives the name exporter-other", true},
        Fault{"exporter-needs-service", "requires the service scanhost.host.telepathy/1", true},
        Fault{"exporter-undefined-symbol", "missing_function", false}),
    [](const auto& test) {
      std::string name = test.param.plugin;
      std::replace(name.begin(), name.end(), '-', '_');
      return name;
    });

TEST(PluginLoader, LoadsAPluginWrittenInCAndGivesTheSameOneAgain) {
  PluginFolder folder;
  folder.add("exporter-good");
  PluginLoader loader({.folder = folder.path()});

  const auto first = loader.load("exporter-good");
  const auto second = loader.load("exporter-good");

  ASSERT_TRUE(first) << first.error().message;
  EXPECT_EQ((*first)->manifest().vendor, "Example Ltd");
  EXPECT_NE((*first)->findInterface(SCANHOST_EXPORTER_ID), nullptr);
  EXPECT_EQ((*first)->findInterface("scanhost.queue/1"), nullptr);
  EXPECT_EQ(*first, *second);
}

TEST(PluginLoader, KeepsPluginsApartThatWereLoadedByDescriptors) {
  PluginFolder folder;
  folder.add("exporter-good");
  folder.add("exporter-optional-service");
  PluginLoader loader({.folder = folder.path()});

  const auto good = loader.load("exporter-good");
  const auto other = loader.load("exporter-optional-service");

  ASSERT_TRUE(good) << good.error().message;
  ASSERT_TRUE(other) << other.error().message;
  EXPECT_NE((*good)->findInterface(SCANHOST_EXPORTER_ID),
            (*other)->findInterface(SCANHOST_EXPORTER_ID));
}

TEST(PluginLoader, RunsTheConstructorOfWhatItLoads) {
  PluginFolder folder;
  folder.add("exporter-good");
  const std::filesystem::path marker = folder.base() / "marker";
  setenv("SCANHOST_TEST_MARKER", marker.c_str(), 1);
  PluginLoader loader({.folder = folder.path()});

  EXPECT_TRUE(loader.inspect("exporter-good"));
  EXPECT_FALSE(std::filesystem::exists(marker)) << "inspect ran the plugin";
  EXPECT_TRUE(loader.load("exporter-good"));
  EXPECT_TRUE(std::filesystem::exists(marker)) << "the marker of the other tests proves nothing";
  unsetenv("SCANHOST_TEST_MARKER");
}

TEST(PluginLoader, LooksAgainAtAFileThatChangedAfterItsCheck) {
  PluginFolder folder;
  folder.add("exporter-good");
  PluginLoader loader({.folder = folder.path()});
  ASSERT_TRUE(loader.inspect("exporter-good"));

  folder.add("exporter-no-manifest", "exporter-good");

  EXPECT_FALSE(loader.load("exporter-good"));
}

TEST(PluginLoader, RefusesAServiceThatThisProcessDoesNotOffer) {
  PluginFolder folder;
  folder.add("exporter-probe");
  const ServiceRegistry none;
  PluginLoader loader({.folder = folder.path(), .services = &none});

  const auto plugin = loader.load("exporter-probe");

  ASSERT_FALSE(plugin);
  EXPECT_THAT(
      plugin.error().message,
      HasSubstr("requires the service scanhost.host.clock/1, which this process does not offer"));
}

TEST(PluginLoader, DiscoversPluginsAndSaysWhyTheOthersAreNone) {
  PluginFolder folder;
  folder.add("exporter-good");
  folder.add("exporter-no-manifest");
  std::ofstream(folder.path() / "notes.txt") << "no plugin";
  std::ofstream(folder.path() / "Strange Name.so") << "no plugin";

  const auto found = PluginLoader({.folder = folder.path()}).discover();

  ASSERT_EQ(found.size(), 3u);
  EXPECT_EQ(found[0].file, "Strange Name.so");
  EXPECT_THAT(found[0].problem, HasSubstr("is no plugin name"));
  EXPECT_EQ(found[1].file, "exporter-good.so");
  EXPECT_EQ(found[1].problem, "");
  EXPECT_EQ(found[1].manifest->name, "exporter-good");
  EXPECT_EQ(found[1].sha256.size(), 64u);
  EXPECT_THAT(found[2].problem, HasSubstr(".scanhost.manifest"));
}

}  // namespace
}  // namespace scanhost
