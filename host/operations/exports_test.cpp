// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "host/operations/exports.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <fstream>
#include <iterator>

#include "host/base/movable_clock_test.h"
#include "host/base/random.h"
#include "tests/support/folder.h"

namespace scanhost {
namespace {

class ExportFiles : public testing::Test {
 protected:
  Exports make(Exports::Options options = {}) { return Exports(files(), keys_, clock_, options); }
  std::filesystem::path files() const { return folder_.path() / "exports"; }
  std::size_t count() const {
    const std::filesystem::directory_iterator all(files());
    return static_cast<std::size_t>(std::distance(begin(all), end(all)));
  }

  static Exports::Kept exported(Exports& exports, const std::string& text,
                                const std::string& subject = "alice") {
    auto file = *exports.begin();
    EXPECT_TRUE(file->write(text));
    return *exports.keep(*file, "text/csv", "t1.csv", subject);
  }
  static std::string contents(const Exports::Download& download) {
    std::string text(1024, '\0');
    text.resize(static_cast<std::size_t>(read(download.file.get(), text.data(), text.size())));
    return text;
  }

  testing_support::Folder folder_;
  MovableClock clock_;
  Keyring keys_ = *Keyring::loadOrCreate(folder_.path() / "keys.json");
};

TEST_F(ExportFiles, AreOpenedByTheirLink) {
  Exports exports = make();
  const auto kept = exported(exports, "host,port\r\n");
  const auto download = exports.open(kept.link, "alice");
  ASSERT_TRUE(download);
  EXPECT_EQ(contents(*download), "host,port\r\n");
  EXPECT_EQ(download->media_type, "text/csv");
  EXPECT_EQ(download->file_name, "t1.csv");
  EXPECT_EQ(kept.bytes, 11u);
  EXPECT_EQ(kept.sha256, toHex(sha256("host,port\r\n")));
}

TEST_F(ExportFiles, AreNotOpenedByOthersNorByLinksMadeUp) {
  Exports exports = make();
  const auto kept = exported(exports, "secret");
  EXPECT_FALSE(exports.open(kept.link, "mallory"));
  EXPECT_FALSE(exports.open("../keys.json", "alice"));
  EXPECT_FALSE(exports.open(kept.link.substr(1), "alice"));
  EXPECT_FALSE(exports.open("", "alice"));
}

TEST_F(ExportFiles, GoAfterTheirTime) {
  Exports exports = make();
  const auto kept = exported(exports, "old");
  clock_.pass(std::chrono::hours(1) + std::chrono::seconds(2));
  EXPECT_FALSE(exports.open(kept.link, "alice"));
  EXPECT_EQ(count(), 1u);
  exports.tidy();
  EXPECT_EQ(count(), 0u);
}

TEST_F(ExportFiles, SurviveARestartOfTheNode) {
  std::string link;
  {
    Exports exports = make();
    link = exported(exports, "text").link;
  }
  EXPECT_TRUE(make().open(link, "alice"));
}

TEST_F(ExportFiles, LeaveNothingBehindWhereTheyWereNotKept) {
  Exports exports = make();
  {
    auto file = *exports.begin();
    EXPECT_TRUE(file->write("half"));
  }
  EXPECT_EQ(count(), 0u);
}

TEST_F(ExportFiles, AreBoundedInSizeAndNumber) {
  Exports exports = make({.most_bytes = 10, .most_files = 2});
  auto large = *exports.begin();
  EXPECT_TRUE(large->write("12345678"));
  EXPECT_EQ(large->write("901").error().error_class, ErrorClass::unsupported);
  large.reset();
  exported(exports, "1");
  exported(exports, "2");
  EXPECT_EQ(exports.begin().error().error_class, ErrorClass::busy);
}

}  // namespace
}  // namespace scanhost
