// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "plugins/exporter/jsonlog/line_output.h"

#include <gtest/gtest.h>
#include <scanhost/error.h>
#include <stdlib.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

namespace scanhost {
namespace {

class LineOutputTest : public testing::Test {
 protected:
  void SetUp() override {
    std::string name = (std::filesystem::temp_directory_path() / "jsonlog-XXXXXX").string();
    ASSERT_NE(mkdtemp(name.data()), nullptr);
    folder_ = name;
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  JsonlogConfig fileConfig() const {
    JsonlogConfig config;
    config.output = JsonlogConfig::Output::file;
    config.path = (folder_ / "log").string();
    return config;
  }
  static std::string contents(const std::filesystem::path& path) {
    std::ifstream in(path);
    return {std::istreambuf_iterator<char>(in), {}};
  }

  std::filesystem::path folder_;
};

TEST_F(LineOutputTest, WritesLinesAsTheyAre) {
  const auto output = LineOutput::open(fileConfig());
  output->write(R"({"event":"%v {} a"})");
  output->write("{}");
  output->flush();
  EXPECT_EQ(contents(folder_ / "log"), "{\"event\":\"%v {} a\"}\n{}\n");
}

TEST_F(LineOutputTest, BeginsANewFileAtTheSizeAndKeepsSoMany) {
  JsonlogConfig config = fileConfig();
  config.max_size = 4096;
  config.max_files = 2;
  const auto output = LineOutput::open(config);
  for (int i = 0; i < 50; ++i) output->write(std::string(999, 'x'));
  output->flush();

  std::size_t files = 0;
  for (const auto& entry : std::filesystem::directory_iterator(folder_)) {
    EXPECT_LE(entry.file_size(), 4096u);
    ++files;
  }
  EXPECT_EQ(files, 3u);
}

TEST_F(LineOutputTest, SaysWhyAFileCannotBeOpened) {
  JsonlogConfig config = fileConfig();
  config.path = "/proc/no-such-folder/log";
  try {
    LineOutput::open(config);
    FAIL() << "opened";
  } catch (const PluginError& error) {
    EXPECT_EQ(error.errorClass(), ErrorClass::config);
    EXPECT_NE(std::string(error.what()).find(config.path), std::string::npos);
  }
}

TEST_F(LineOutputTest, ReportsAFullDisk) {
  if (!std::filesystem::exists("/dev/full")) GTEST_SKIP() << "there is no /dev/full";
  std::filesystem::create_symlink("/dev/full", folder_ / "log");
  const auto output = LineOutput::open(fileConfig());
  EXPECT_THROW(
      {
        for (int i = 0; i < 100; ++i) output->write(std::string(4000, 'x'));
        output->flush();
      },
      PluginError);
}

}  // namespace
}  // namespace scanhost
