// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "host/auth/token_file.h"

#include <gmock/gmock.h>
#include <sys/stat.h>

#include <fstream>
#include <sstream>
#include <thread>

#include "host/base/digest.h"
#include "tests/support/folder.h"

namespace scanhost {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;
using testing::Not;

class TokenFile : public testing::Test {
 protected:
  std::string content() const {
    std::stringstream text;
    text << std::ifstream(file).rdbuf();
    return text.str();
  }
  std::string refusalOf(const std::string& text) {
    std::ofstream(file) << text;
    chmod(file.c_str(), 0600);
    const auto read = readTokenFile(file);
    return read ? "taken" : read.error().message;
  }

  testing_support::Folder folder;
  const std::filesystem::path file = folder.path() / "tokens";
};

TEST_F(TokenFile, HoldsWhoMayWhatUntilWhenAndNoToken) {
  const auto token = createToken(file, {"ci", {Role::client, Role::metrics}, 1h});
  ASSERT_TRUE(token) << token.error().message;
  EXPECT_TRUE(looksLikeToken(*token));
  EXPECT_EQ(token->size(), std::string("scanhost_").size() + 43) << "256 random bits";
  EXPECT_THAT(content(), Not(HasSubstr(token->substr(9))));
  const auto records = readTokenFile(file);
  ASSERT_TRUE(records);
  ASSERT_EQ(records->size(), 1u);
  EXPECT_EQ(records->front().name, "ci");
  EXPECT_EQ(records->front().sha256, sha256(*token));
  EXPECT_EQ(records->front().roles, (std::set<Role>{Role::client, Role::metrics}));
  EXPECT_EQ(records->front().expires.micros - records->front().created.micros, 3'600'000'000);
}

TEST_F(TokenFile, IsItsOwnersAlone) {
  ASSERT_TRUE(createToken(file, {"ci", {Role::client}, {}}));
  struct stat info {};
  ASSERT_EQ(stat(file.c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777, 0600u);
  for (const mode_t mode : {0640, 0604, 0660}) {
    chmod(file.c_str(), mode);
    const auto read = readTokenFile(file);
    ASSERT_FALSE(read);
    EXPECT_THAT(read.error().message, HasSubstr("chmod 600 " + file.string()));
    EXPECT_FALSE(createToken(file, {"other", {Role::client}, {}}));
  }
}

TEST_F(TokenFile, IsNoLink) {
  ASSERT_TRUE(createToken(file, {"ci", {Role::client}, {}}));
  std::filesystem::create_symlink(file, folder.path() / "link");
  EXPECT_FALSE(readTokenFile(folder.path() / "link"));
  EXPECT_FALSE(createToken(folder.path() / "link", {"b", {Role::client}, {}}));
}

TEST_F(TokenFile, NamesAreUniqueAndNames) {
  ASSERT_TRUE(createToken(file, {"ci", {Role::client}, {}}));
  EXPECT_THAT(createToken(file, {"ci", {Role::viewer}, {}}).error().message, HasSubstr("already"));
  for (const char* name : {"", "Upper", "a b", "oauth:x", "anonymous", "../x"})
    EXPECT_FALSE(createToken(file, {name, {Role::client}, {}})) << name;
  EXPECT_FALSE(createToken(file, {"none", {}, {}}));
}

TEST_F(TokenFile, RevokingLeavesTheOthers) {
  ASSERT_TRUE(createToken(file, {"a", {Role::client}, {}}));
  ASSERT_TRUE(createToken(file, {"b", {Role::viewer}, {}}));
  EXPECT_TRUE(revokeToken(file, "a"));
  EXPECT_EQ(readTokenFile(file)->front().name, "b");
  EXPECT_THAT(revokeToken(file, "a").error().message, HasSubstr("known are b"));
}

TEST_F(TokenFile, WritersAtOnceLoseNothing) {
  std::vector<std::thread> writers;
  for (int i = 0; i < 8; ++i)
    writers.emplace_back([this, i] {
      EXPECT_TRUE(createToken(file, {"t" + std::to_string(i), {Role::client}, {}}));
    });
  for (std::thread& writer : writers) writer.join();
  EXPECT_EQ(readTokenFile(file)->size(), 8u);
}

TEST_F(TokenFile, WhatIsMissingOrMalformedIsNamed) {
  EXPECT_THAT(readTokenFile(file).error().message, HasSubstr("is missing; scanhostctl token"));
  const std::string digest(64, 'a');
  const auto with = [&](const std::string& entry) {
    return R"({"version":1,"tokens":[)" + entry + "]}";
  };
  const std::string good =
      R"({"name":"a","sha256":")" + digest + R"(","roles":["client"],"created":"","expires":null})";
  EXPECT_EQ(refusalOf(with(good)), "taken");
  EXPECT_THAT(refusalOf("tokens"), HasSubstr("no tokens file of version 1"));
  EXPECT_THAT(refusalOf(R"({"version":2,"tokens":[]})"), HasSubstr("no tokens file of version 1"));
  EXPECT_THAT(refusalOf(with(good + "," + good)), HasSubstr("two tokens are named a"));
  EXPECT_THAT(refusalOf(with(R"({"name":"a","sha256":"12","roles":["client"],"expires":null})")),
              HasSubstr("64 lowercase"));
  EXPECT_THAT(refusalOf(with(R"({"name":"a","sha256":")" + digest + R"(","roles":["root"]})")),
              HasSubstr("roles must be"));
  EXPECT_THAT(refusalOf(with(R"({"name":"a","sha256":")" + digest + R"(","roles":["client"]})")),
              HasSubstr("expires is missing"));
  EXPECT_THAT(refusalOf(with(R"({"name":"a","sha256":")" + digest +
                             R"(","roles":["client"],"expires":"soon"})")),
              HasSubstr("expires must be"));
}

}  // namespace
}  // namespace scanhost
