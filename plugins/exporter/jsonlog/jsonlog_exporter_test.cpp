// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "plugins/exporter/jsonlog/jsonlog_exporter.h"

#include <gtest/gtest.h>
#include <scanhost/testing/host.h>

#include <fstream>
#include <iterator>
#include <vector>

#include "plugins/exporter/jsonlog/test_event.h"
#include "tests/support/folder.h"
#include "tests/support/full_disk.h"

namespace scanhost {
namespace {

class JsonlogTest : public testing::Test {
 protected:
  JsonlogTest() { exporter_.start(call_); }

  Settings settings() const {
    const std::string values = R"({"output":"file","level":"info","file":{"path":")" +
                               (folder_.path() / "log").string() + R"("}})";
    const scanhost_create_args args{sizeof args, 0, toText("jsonlog"), toText(values), {}};
    return {nullptr, &args};
  }
  /// Offers these lines as one batch.
  void offer(const std::vector<TestEvent>& events) {
    std::vector<scanhost_logged_event> records;
    for (const TestEvent& event : events) records.push_back(event.abi());
    std::vector<const scanhost_logged_event*> pointers;
    for (const auto& record : records) pointers.push_back(&record);
    exporter_.events({pointers.data(), pointers.size()}, call_);
  }
  std::string written() const {
    std::ifstream in(folder_.path() / "log");
    return {std::istreambuf_iterator<char>(in), {}};
  }

  testing_support::Folder folder_;
  plugintest::TestCall test_call_;
  Call& call_ = test_call_.call();
  JsonlogExporter exporter_{settings()};
};

TEST_F(JsonlogTest, LeavesOutWhatIsBelowItsLevel) {
  offer({TestEvent("low", SCANHOST_LEVEL_DEBUG), TestEvent("high", SCANHOST_LEVEL_ERROR)});
  EXPECT_EQ(written(), "high\n");
}

TEST_F(JsonlogTest, WritesEachLineOnceWhenABatchIsOfferedAgain) {
  const std::vector<TestEvent> batch{TestEvent("one"), TestEvent("two"), TestEvent("three")};
  {
    const testing_support::FullDisk full(6);
    EXPECT_THROW(offer(batch), PluginError);
    EXPECT_THROW(offer(batch), PluginError);
  }
  offer(batch);
  offer({TestEvent("one")});
  EXPECT_EQ(written(), "one\ntwo\nthree\none\n");
}

}  // namespace
}  // namespace scanhost
