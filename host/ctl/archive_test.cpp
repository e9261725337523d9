// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "host/ctl/archive.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <stdexcept>

#include "host/ctl/child_program.h"

namespace scanhost::ctl {
namespace {

using ::testing::HasSubstr;

/// 2026-11-24T10:48:43.5Z
constexpr Timestamp made{1'795'517'323'500'000};

class Archive : public ::testing::Test {
 protected:
  Archive()
      : file_(std::filesystem::temp_directory_path() / ("archive-" + std::to_string(::getpid()))) {}
  ~Archive() override { std::filesystem::remove(file_); }

  std::string tar(const std::string& bytes, const std::string& options,
                  const std::vector<std::string>& more = {}) {
    std::ofstream(file_, std::ios::binary) << bytes;
    std::vector<std::string> words = {options, file_.string()};
    words.insert(words.end(), more.begin(), more.end());
    return runChild("/usr/bin/tar", words).output;
  }

  std::filesystem::path file_;
};

TEST_F(Archive, TarReadsWhatWasPutIn) {
  for (const std::size_t size : {0u, 1u, 511u, 512u, 513u, 5000u}) {
    const std::string text(size, 'x');
    const std::string bytes = tarGz({{"b/first", "1"}, {"b/second", text}, {"b/third", "3"}}, made);
    EXPECT_EQ(tar(bytes, "-xOzf", {"b/second"}), text) << size;
    EXPECT_EQ(tar(bytes, "-xOzf", {"b/third"}), "3") << size;
  }
}

TEST_F(Archive, EntriesHaveAFixedOwnerModeAndTheTimeOfTheBundle) {
  const std::string listed = tar(tarGz({{"b/first", "text"}}, made), "-tvzf", {"--utc"});
  EXPECT_THAT(listed, HasSubstr("-rw------- root/root"));
  EXPECT_THAT(listed, HasSubstr("2026-11-24 10:48 b/first"));
}

TEST_F(Archive, TheSameEntriesMakeTheSameBytes) {
  EXPECT_EQ(tarGz({{"a", "b"}}, made), tarGz({{"a", "b"}}, made));
}

TEST_F(Archive, ANameThatDoesNotFitIsRefused) {
  EXPECT_EQ(tar(tarGz({{std::string(100, 'n'), "x"}}, made), "-tzf"), std::string(100, 'n') + "\n");
  EXPECT_THROW(tarGz({{std::string(101, 'n'), "x"}}, made), std::invalid_argument);
}

}  // namespace
}  // namespace scanhost::ctl
