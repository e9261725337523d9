// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// Structs of an older or newer SDK than this host's.
#include <gtest/gtest.h>
#include <scanhost/abi/exporter.h>
#include <scanhost/text.h>

#include "host/abi/host_call.h"
#include "host/plugins/loader.h"
#include "tests/plugins/plugin_folder.h"

namespace scanhost {
namespace {

TEST(AbiGrowth, TablesLongerThanThisHostKnowsAreRead) {
  PluginFolder folder;
  folder.add("exporter-longer-tables");
  PluginLoader loader({.folder = folder.path()});

  const auto plugin = loader.load("exporter-longer-tables");

  ASSERT_TRUE(plugin) << plugin.error().message;
  EXPECT_NE((*plugin)->findInterface(SCANHOST_EXPORTER_ID), nullptr);
}

TEST(AbiGrowth, AnErrorLongerThanThisHostKnowsIsRead) {
  struct FutureError {
    scanhost_error error;
    std::uint64_t later[8];
  };
  const FutureError future{
      {sizeof(FutureError), SCANHOST_ERROR_BUSY, SCANHOST_SUBJECT_TASK, 0, 0, toText("later")}, {}};
  HostCall call;

  const Status outcome = call.outcome(call.abi()->fail(call.abi(), &future.error));

  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().error_class, ErrorClass::busy);
  EXPECT_EQ(outcome.error().message, "later");
}

TEST(AbiGrowth, AnErrorWithoutItsMessageIsInternal) {
  const scanhost_error short_error{24, SCANHOST_ERROR_BUSY,      SCANHOST_SUBJECT_TASK, 0,
                                   0,  toText("beyond its size")};
  HostCall call;

  const Status outcome = call.outcome(call.abi()->fail(call.abi(), &short_error), "the plugin");

  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().error_class, ErrorClass::internal);
  EXPECT_EQ(outcome.error().message.find("beyond its size"), std::string::npos);
}

TEST(AbiGrowth, AnEventWithoutItsFieldsIsPassedOver) {
  int events = 0;
  const PluginEventSink sink = [&](int, std::string_view, std::string_view, const auto&) {
    ++events;
  };
  HostCall call({.events = &sink});
  scanhost_event event{24, SCANHOST_LEVEL_INFO, toText("short"), toText("beyond its size")};

  call.abi()->log(call.abi(), &event);
  event.struct_size = sizeof event;
  call.abi()->log(call.abi(), &event);

  EXPECT_EQ(events, 1);
}

TEST(AbiGrowth, ARefusalOfASinkComesBackAsItIs) {
  TextBuffer small(3);
  EXPECT_EQ(writeText(small.sink(), "abcd"), SCANHOST_ERROR_UNSUPPORTED);
  EXPECT_EQ(writeText(small.sink(), "abc"), SCANHOST_OK);
  EXPECT_EQ(small.take(), "abc");
}

}  // namespace
}  // namespace scanhost
