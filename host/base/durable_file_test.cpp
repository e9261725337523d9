// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "host/base/durable_file.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <cstdlib>
#include <fstream>
#include <iterator>

namespace scanhost {
namespace {

class DurableFile : public testing::Test {
 protected:
  DurableFile() {
    std::string pattern = (std::filesystem::temp_directory_path() / "durable.XXXXXX").string();
    folder_ = mkdtemp(pattern.data());
  }
  ~DurableFile() override { std::filesystem::remove_all(folder_); }

  std::filesystem::path file() const { return folder_ / "a.yaml"; }
  std::string content() const {
    std::ifstream in(file());
    return {std::istreambuf_iterator<char>(in), {}};
  }
  std::ptrdiff_t filesInFolder() const {
    return std::distance(std::filesystem::directory_iterator(folder_), {});
  }

  std::filesystem::path folder_;
};

TEST_F(DurableFile, IsMadeWithItsModeWhateverTheMask) {
  const mode_t mask = umask(0777);
  const Status made = createDurably(file(), "text", 0600);
  umask(mask);
  ASSERT_TRUE(made) << made.error().message;
  struct stat info {};
  ASSERT_EQ(stat(file().c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 07777, 0600u);
  EXPECT_EQ(content(), "text");
  EXPECT_EQ(filesInFolder(), 1);
}

TEST_F(DurableFile, OneThatIsThereIsReplacedOrLeftAlone) {
  ASSERT_TRUE(createDurably(file(), "first", 0600));
  const Status again = createDurably(file(), "second", 0600);
  ASSERT_FALSE(again);
  EXPECT_NE(again.error().message.find("File exists"), std::string::npos);
  EXPECT_EQ(content(), "first");
  EXPECT_EQ(filesInFolder(), 1);
  ASSERT_TRUE(writeDurably(file(), "third", 0600));
  EXPECT_EQ(content(), "third");
  EXPECT_EQ(filesInFolder(), 1);
}

}  // namespace
}  // namespace scanhost
