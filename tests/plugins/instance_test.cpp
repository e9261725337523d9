// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "host/plugins/instance.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <scanhost/abi/exporter.h>

#include "host/abi/clock_service.h"
#include "host/plugins/schema.h"
#include "tests/plugins/plugin_folder.h"

namespace scanhost {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

class InstanceLife : public testing::Test {
 protected:
  void SetUp() override {
    folder_.add("exporter-probe");
    clock_.registerIn(services_);
    const auto plugin = loader_.load("exporter-probe");
    ASSERT_TRUE(plugin) << plugin.error().message;
    plugin_ = *plugin;
  }

  /// The settings as the host would hand them over, checked and filled in.
  Result<std::unique_ptr<PluginInstance>> create(const char* settings = "{}") {
    const auto schema = Schema::compile(plugin_->manifest().config_schema);
    CheckedSettings checked = schema->check(Json::parse(settings));
    EXPECT_TRUE(checked.problems.empty());
    return PluginInstance::create(
        *plugin_, SCANHOST_EXPORTER_ID,
        {.name = "probe",
         .settings = std::move(checked.values),
         .data_dir = data_dir_,
         .services = &services_,
         .events = [this](int level, std::string_view event, std::string_view fields, const auto&) {
           events_.push_back(std::to_string(level) + " " + std::string(event) + " " +
                             std::string(fields));
         }});
  }
  std::string life() const { return PluginFolder::contents(data_dir_ / "life"); }

  PluginFolder folder_;
  ServiceRegistry& services_ = *new ServiceRegistry;
  ClockService& clock_ = *new ClockService;
  PluginLoader loader_{{.folder = folder_.path(), .services = &services_}};
  const LoadedPlugin* plugin_ = nullptr;
  std::filesystem::path data_dir_ = folder_.base() / "data" / "probe";
  std::vector<std::string> events_;
};

TEST_F(InstanceLife, RunsFromCreateToDestroyInOrder) {
  {
    auto instance = create();
    ASSERT_TRUE(instance) << instance.error().message;
    EXPECT_TRUE((*instance)->start({}));
    (*instance)->stop({});
  }
  EXPECT_EQ(life(), "create\nstart\nstop\ndestroy\n");
}

TEST_F(InstanceLife, IsStoppedBeforeItIsDestroyed) {
  {
    auto instance = create();
    EXPECT_TRUE((*instance)->start({}));
  }
  EXPECT_EQ(life(), "create\nstart\nstop\ndestroy\n");
}

TEST_F(InstanceLife, IsOnlyDestroyedAfterAFailedStart) {
  {
    auto instance = create(R"({"fail_start": true})");
    const Status started = (*instance)->start({});
    ASSERT_FALSE(started);
    EXPECT_EQ(started.error().error_class, ErrorClass::transient);
    EXPECT_EQ(started.error().subject, ErrorSubject::backend);
    EXPECT_EQ(started.error().message, "backend is away");
    (*instance)->stop({});
    EXPECT_FALSE((*instance)->start({})) << "a second start reached the plugin";
  }
  EXPECT_EQ(life(), "create\nstart\ndestroy\n");
}

TEST_F(InstanceLife, IsNotStoppedWhenItNeverStarted) {
  { auto instance = create(); }
  EXPECT_EQ(life(), "create\ndestroy\n");
}

TEST_F(InstanceLife, IsNothingAfterAFailedCreate) {
  const auto refused = create(R"({"fail_create": "plugin"})");
  const auto thrown = create(R"({"fail_create": "std"})");
  const auto odd = create(R"({"fail_create": "int"})");

  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().error_class, ErrorClass::config);
  EXPECT_EQ(refused.error().message, "asked to fail");
  ASSERT_FALSE(thrown);
  EXPECT_EQ(thrown.error().error_class, ErrorClass::internal);
  EXPECT_EQ(thrown.error().message, "a standard exception");
  ASSERT_FALSE(odd);
  EXPECT_EQ(odd.error().error_class, ErrorClass::internal);
  EXPECT_EQ(life(), "");
}

TEST_F(InstanceLife, LogsUnderTheInstance) {
  auto instance = create();
  EXPECT_TRUE((*instance)->start({}));
  EXPECT_THAT(events_, ElementsAre("1 probe_starting {\"n\":1}", "2 probe_called {}"));
}

TEST_F(InstanceLife, GetsAFolderThatOnlyTheServiceReads) {
  auto instance = create();
  EXPECT_EQ(std::filesystem::status(data_dir_).permissions(), std::filesystem::perms::owner_all);
}

TEST_F(InstanceLife, NamesThePluginThatDoesNotProvideAnInterface) {
  const auto instance = PluginInstance::create(*plugin_, "scanhost.queue/1", {.name = "x"});
  ASSERT_FALSE(instance);
  EXPECT_THAT(instance.error().message,
              HasSubstr("plugin exporter-probe does not provide scanhost.queue/1"));
}

}  // namespace
}  // namespace scanhost
