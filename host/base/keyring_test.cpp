// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "host/base/keyring.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

namespace scanhost {
namespace {

class KeyringTest : public testing::Test {
 protected:
  KeyringTest() {
    std::string pattern = (std::filesystem::temp_directory_path() / "keyring.XXXXXX").string();
    folder_ = mkdtemp(pattern.data());
  }
  ~KeyringTest() override { std::filesystem::remove_all(folder_); }

  std::filesystem::path file() const { return folder_ / "keys.json"; }

  std::filesystem::path folder_;
};

TEST_F(KeyringTest, OpensWhatItSealed) {
  const auto keys = Keyring::loadOrCreate(file());
  ASSERT_TRUE(keys) << keys.error().message;

  const std::string sealed = keys->seal("task-secrets", "task-1", "hunter2");

  EXPECT_EQ(sealed.find("hunter2"), std::string::npos);
  EXPECT_EQ(keys->open("task-secrets", "task-1", sealed).value(), "hunter2");
}

TEST_F(KeyringTest, ASecondLoadOfTheFileOpensToo) {
  const std::string sealed = Keyring::loadOrCreate(file())->seal("p", "c", "text");
  EXPECT_EQ(Keyring::loadOrCreate(file())->open("p", "c", sealed).value(), "text");
}

TEST_F(KeyringTest, RefusesAnotherContextAndAnotherPurpose) {
  const auto keys = Keyring::loadOrCreate(file());
  const std::string sealed = keys->seal("task-secrets", "task-1", "hunter2");

  EXPECT_EQ(keys->open("task-secrets", "task-2", sealed).error().error_class, ErrorClass::auth);
  EXPECT_EQ(keys->open("cursor", "task-1", sealed).error().error_class, ErrorClass::auth);
}

TEST_F(KeyringTest, RefusesEveryAlteredCharacter) {
  const auto keys = Keyring::loadOrCreate(file());
  const std::string sealed = keys->seal("p", "c", "secret");

  for (std::size_t i = 0; i + 1 < sealed.size(); ++i) {  // the last one may hold unused bits
    std::string altered = sealed;
    altered[i] = altered[i] == 'A' ? 'B' : 'A';
    EXPECT_FALSE(keys->open("p", "c", altered)) << "at " << i;
  }
}

TEST_F(KeyringTest, SaysThatTheKeyIsAnothers) {
  const std::string sealed = Keyring::loadOrCreate(folder_ / "other.json")->seal("p", "c", "text");
  const auto opened = Keyring::loadOrCreate(file())->open("p", "c", sealed);
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().error_class, ErrorClass::config);
  EXPECT_NE(opened.error().message.find("node.key_file"), std::string::npos);
}

TEST_F(KeyringTest, NamesTheKeyThatItLacks) {
  const auto keys = Keyring::loadOrCreate(file());
  const std::string foreign = Keyring::loadOrCreate(folder_ / "other.json")->seal("p", "c", "text");

  EXPECT_EQ(keys->missingKey(foreign), foreign.substr(2, foreign.rfind('.') - 2));
  EXPECT_EQ(keys->missingKey(keys->seal("p", "c", "text")), std::nullopt);
  EXPECT_EQ(keys->missingKey("1.a1b2c3d4.torn"), std::nullopt);
}

TEST_F(KeyringTest, SealsEqualTextsDifferently) {
  const auto keys = Keyring::loadOrCreate(file());
  EXPECT_NE(keys->seal("p", "c", "text"), keys->seal("p", "c", "text"));
}

TEST_F(KeyringTest, DigestsAreStableAndKeyed) {
  const auto keys = Keyring::loadOrCreate(file());
  const auto others = Keyring::loadOrCreate(folder_ / "other.json");
  EXPECT_EQ(keys->digest("p", "text"), keys->digest("p", "text"));
  EXPECT_NE(keys->digest("p", "text"), keys->digest("q", "text"));
  EXPECT_NE(keys->digest("p", "text"), others->digest("p", "text"));
}

TEST_F(KeyringTest, RefusesAFileThatOthersMayRead) {
  ASSERT_TRUE(Keyring::loadOrCreate(file()));
  chmod(file().c_str(), 0644);
  const auto keys = Keyring::load(file());
  ASSERT_FALSE(keys);
  EXPECT_NE(keys.error().message.find("chmod 600"), std::string::npos);
}

TEST_F(KeyringTest, RefusesWhatIsNoKeyFile) {
  std::ofstream(file()) << "{\"version\":1,\"keys\":[]}";
  chmod(file().c_str(), 0600);
  EXPECT_FALSE(Keyring::load(file()));
}

}  // namespace
}  // namespace scanhost
