// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "plugins/shared/local_scan/run_folder.h"

#include <gtest/gtest.h>
#include <scanhost/error.h>
#include <sys/stat.h>

#include <fstream>
#include <optional>

namespace scanhost::local_scan {
namespace {

namespace fs = std::filesystem;

class RunFolderTest : public testing::Test {
 protected:
  void SetUp() override {
    std::string name = testing::TempDir() + "scanhost-runs-XXXXXX";
    ASSERT_NE(mkdtemp(name.data()), nullptr);
    data_dir = name;
  }
  void TearDown() override { fs::remove_all(data_dir); }

  fs::path data_dir;
};

TEST_F(RunFolderTest, IsForTheServiceOnlyAndGoneAfterwards) {
  fs::path path;
  {
    const RunFolder folder(data_dir);
    path = folder.path();
    struct stat status {};
    ASSERT_EQ(stat(path.c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 0777, 0700u);
    std::ofstream(path / "report.json") << "{}";
    EXPECT_EQ(folder.read("report.json", 2), "{}");
    EXPECT_EQ(folder.read("nothing", 2), "");
  }
  EXPECT_FALSE(fs::exists(path));
}

TEST_F(RunFolderTest, ATooLargeFileIsRefusedByItsSize) {
  const RunFolder folder(data_dir);
  std::ofstream(folder.path() / "report.json") << "0123456789";
  EXPECT_THROW(folder.read("report.json", 9), PluginError);
}

TEST_F(RunFolderTest, ALinkIsNotFollowed) {
  const RunFolder folder(data_dir);
  fs::create_symlink("/etc/hostname", folder.path() / "report.json");
  EXPECT_EQ(folder.read("report.json", 1000), "");
}

TEST_F(RunFolderTest, OnlyRunsThatDiedAreSweptAway) {
  const RunFolder running(data_dir);
  fs::create_directory(data_dir / "run-died00");
  fs::create_directory(data_dir / "other");

  RunFolder::removeAbandoned(data_dir);

  EXPECT_TRUE(fs::exists(running.path()));
  EXPECT_FALSE(fs::exists(data_dir / "run-died00"));
  EXPECT_TRUE(fs::exists(data_dir / "other"));
}

TEST(RunFolder, AFolderThatCannotBeMadeIsNamed) {
  try {
    const RunFolder folder("/nowhere/at/all");
    FAIL();
  } catch (const PluginError& error) {
    EXPECT_EQ(error.errorClass(), ErrorClass::config);
    EXPECT_NE(std::string(error.what()).find("/nowhere/at/all"), std::string::npos);
  }
}

}  // namespace
}  // namespace scanhost::local_scan
