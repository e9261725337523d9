// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "host/plugins/trust.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <fstream>
#include <thread>

#include "tests/plugins/plugin_folder.h"

namespace scanhost {
namespace {

using testing::AllOf;
using testing::HasSubstr;

constexpr uid_t stranger = 54321;

class Trust : public testing::Test {
 protected:
  void SetUp() override { file_ = folder_.add("exporter-good"); }

  std::string refusal(const TrustOptions& options = {},
                      const std::string& plugin = "exporter-good") {
    const auto file = openTrusted(folder_.path(), plugin, options);
    return file ? "accepted" : file.error().message;
  }

  PluginFolder folder_;
  std::filesystem::path file_;
};

TEST_F(Trust, AcceptsAFileThatOnlyItsOwnerCanWrite) {
  const auto file = openTrusted(folder_.path(), "exporter-good");
  ASSERT_TRUE(file) << file.error().message;
  EXPECT_EQ(file->bytes.view(), PluginFolder::contents(file_));
  EXPECT_EQ(file->contents.sha256.size(), 64u);
}

TEST_F(Trust, ReadsKnownContentsAgainOnlyWhenTheyChanged) {
  const auto first = openTrusted(folder_.path(), "exporter-good");
  ASSERT_TRUE(first) << first.error().message;
  const auto same = openTrusted(folder_.path(), "exporter-good", {}, &first->contents);
  ASSERT_TRUE(same) << same.error().message;
  EXPECT_EQ(same->bytes.size(), 0u);
  EXPECT_EQ(same->contents.sha256, first->contents.sha256);

  std::ofstream(file_, std::ios::app) << "more";
  const auto changed = openTrusted(folder_.path(), "exporter-good", {}, &first->contents);
  ASSERT_TRUE(changed) << changed.error().message;
  EXPECT_NE(changed->contents.sha256, first->contents.sha256);
}

TEST_F(Trust, ChecksAFileOfKnownContentsAsAnyOther) {
  const auto first = openTrusted(folder_.path(), "exporter-good");
  ASSERT_TRUE(first) << first.error().message;
  PluginFolder::setMode(folder_.path(), 0775);
  EXPECT_FALSE(openTrusted(folder_.path(), "exporter-good", {}, &first->contents));
}

TEST_F(Trust, RefusesAFileThatItsGroupCanWrite) {
  PluginFolder::setMode(file_, 0775);
  EXPECT_THAT(refusal(), AllOf(HasSubstr("plugin exporter-good: file " + file_.string()),
                               HasSubstr("mode 0775 lets group '"), HasSubstr("run chmod g-w")));
}

TEST_F(Trust, RefusesAFileThatEveryoneCanWrite) {
  PluginFolder::setMode(file_, 0646);
  EXPECT_THAT(refusal(),
              AllOf(HasSubstr("mode 0646 lets everyone write it"), HasSubstr("chmod o-w")));
}

TEST_F(Trust, RefusesAFolderThatItsGroupCanWrite) {
  PluginFolder::setMode(folder_.path(), 0775);
  EXPECT_THAT(refusal(),
              AllOf(HasSubstr("folder " + folder_.path().string()), HasSubstr("chmod g-w")));
}

TEST_F(Trust, RefusesAFolderAboveThatEveryoneCanWrite) {
  PluginFolder::setMode(folder_.base(), 0777);
  EXPECT_THAT(refusal(), AllOf(HasSubstr("folder " + folder_.base().string() + " of mode 0777"),
                               HasSubstr("lets everyone write it")));
}

TEST_F(Trust, AcceptsAStickyFolderOfRootAbove) {
  if (geteuid() != 0) GTEST_SKIP() << "needs root";
  PluginFolder::setMode(folder_.base(), 01777);
  EXPECT_EQ(refusal(), "accepted");
}

TEST_F(Trust, RefusesAStickyFolderOfAnotherUser) {
  if (geteuid() != 0) GTEST_SKIP() << "needs root";
  ASSERT_EQ(chown(folder_.base().c_str(), stranger, 0), 0);
  PluginFolder::setMode(folder_.base(), 01777);
  EXPECT_THAT(refusal(), HasSubstr("folder " + folder_.base().string() + " is owned by 54321"));
}

TEST_F(Trust, RefusesAFileOfAnotherUser) {
  if (geteuid() != 0) GTEST_SKIP() << "needs root";
  ASSERT_EQ(chown(file_.c_str(), stranger, 0), 0);
  EXPECT_THAT(
      refusal({.service_uid = stranger + 1}),
      AllOf(HasSubstr("is owned by 54321, expected root or 54322"), HasSubstr("chown root")));
}

TEST_F(Trust, AcceptsAFileOfTheServicesUser) {
  if (geteuid() != 0) GTEST_SKIP() << "needs root";
  ASSERT_EQ(chown(file_.c_str(), stranger, 0), 0);
  EXPECT_EQ(refusal({.service_uid = stranger}), "accepted");
}

TEST_F(Trust, RefusesAFolderOfAnotherUser) {
  if (geteuid() != 0) GTEST_SKIP() << "needs root";
  ASSERT_EQ(chown(folder_.path().c_str(), stranger, 0), 0);
  EXPECT_THAT(refusal(), HasSubstr("folder " + folder_.path().string() + " is owned by 54321"));
}

TEST_F(Trust, RefusesASymbolicLink) {
  std::filesystem::create_symlink(file_, folder_.path() / "exporter-link.so");
  EXPECT_THAT(refusal({}, "exporter-link"), HasSubstr("is a symbolic link"));
}

TEST_F(Trust, RefusesWhatIsNoRegularFileWithoutWaitingForIt) {
  ASSERT_EQ(mkfifo((folder_.path() / "exporter-fifo.so").c_str(), 0600), 0);
  std::filesystem::create_directory(folder_.path() / "exporter-folder.so");
  EXPECT_THAT(refusal({}, "exporter-fifo"), HasSubstr("is not a regular file"));
  EXPECT_THAT(refusal({}, "exporter-folder"), HasSubstr("is not a regular file"));
}

TEST_F(Trust, RefusesNamesThatLeadOutOfTheFolder) {
  std::filesystem::copy_file(file_, folder_.base() / "exporter-good.so");
  for (const char* name :
       {"../exporter-good", "/tmp/exporter-good", "exporter-good/..", "", ".", "exporter-",
        "exporter--x", "Exporter-x", "exporter-x.so", "unknown-x", "exporter-\n"})
    EXPECT_THAT(refusal({}, name), HasSubstr("is no plugin name")) << name;
}

TEST_F(Trust, NamesTheFileThatIsMissing) {
  EXPECT_THAT(refusal({}, "exporter-absent"),
              HasSubstr("there is no file " + (folder_.path() / "exporter-absent.so").string()));
}

TEST_F(Trust, NamesThePluginFolderThatIsMissing) {
  const auto file = openTrusted(folder_.base() / "nowhere", "exporter-good");
  ASSERT_FALSE(file);
  EXPECT_THAT(file.error().message, HasSubstr("nowhere cannot be used"));
}

TEST_F(Trust, HoldsAPinnedFileAgainstItsDigest) {
  const std::string digest = openTrusted(folder_.path(), "exporter-good")->contents.sha256;
  std::string upper = digest;
  for (char& c : upper) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  EXPECT_EQ(refusal({.pins = {{"exporter-good", digest}}}), "accepted");
  EXPECT_EQ(refusal({.pins = {{"exporter-good", upper}}}), "accepted");
  EXPECT_EQ(refusal({.pins = {{"exporter-other", "00"}}}), "accepted");
  EXPECT_THAT(refusal({.pins = {{"exporter-good", std::string(64, '0')}}}),
              AllOf(HasSubstr("has SHA-256 " + digest),
                    HasSubstr("plugins.pins expects " + std::string(64, '0'))));
}

/// Files are swapped under the walk as fast as another thread can; whatever is accepted must be
/// the pinned bytes.
TEST_F(Trust, NeverAcceptsBytesOtherThanThoseItHashed) {
  const std::string good = PluginFolder::contents(file_);
  const TrustOptions pinned{
      .pins = {{"exporter-good", openTrusted(folder_.path(), "exporter-good")->contents.sha256}}};
  const std::filesystem::path evil = folder_.base() / "evil";
  std::atomic<bool> done{false};
  std::thread swapper([&] {
    for (std::uint64_t i = 0; !done; ++i) {
      const bool use_evil = i % 2 == 0;
      std::filesystem::remove(evil);
      if (use_evil && i % 4 == 0)
        std::filesystem::create_symlink("/etc/passwd", evil);
      else
        std::ofstream(evil) << (use_evil ? std::string(good.size(), 'x') : good);
      std::filesystem::rename(evil, file_);
    }
  });
  std::size_t accepted = 0;
  for (int i = 0; i < 10'000; ++i) {
    const auto file = openTrusted(folder_.path(), "exporter-good", pinned);
    if (!file) continue;
    ++accepted;
    ASSERT_EQ(file->bytes.view(), good);
  }
  done = true;
  swapper.join();
  EXPECT_GT(accepted, 0u);
}

}  // namespace
}  // namespace scanhost
