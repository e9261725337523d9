// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "sdk/tool/new.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdlib.h>

#include <fstream>
#include <iterator>
#include <stdexcept>

#include "sdk/manifest/manifest.h"
#include "sdk/pages/command_page.h"

namespace scanhost {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
namespace fs = std::filesystem;

class NewPluginFolder : public testing::Test {
 protected:
  NewPluginFolder() {
    std::string name = (fs::temp_directory_path() / "new-XXXXXX").string();
    if (!mkdtemp(name.data())) throw std::runtime_error("mkdtemp failed");
    base_ = name;
  }
  ~NewPluginFolder() override { fs::remove_all(base_); }

  NewPlugin wanted(const std::string& name = "scanner-banner",
                   const std::string& kind = "scanner-local") const {
    NewPlugin plugin;
    plugin.name = name;
    plugin.kind = kind;
    plugin.folder = base_ / "plugin";
    return plugin;
  }
  std::string contents(const fs::path& path) const {
    std::ifstream in(base_ / "plugin" / path, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
  }
  std::vector<std::string> entries() const {
    std::vector<std::string> names;
    for (const auto& entry : fs::directory_iterator(base_))
      names.push_back(entry.path().filename().string());
    return names;
  }
  /// Why it was not made; nothing was left.
  std::string refusalOf(const NewPlugin& plugin) const {
    const auto made = makePlugin(plugin);
    EXPECT_FALSE(made);
    EXPECT_THAT(entries(), IsEmpty());
    return made ? "" : made.error();
  }

  fs::path base_;
};

TEST_F(NewPluginFolder, NamesThePluginItsVendorAndItsLicence) {
  NewPlugin plugin = wanted("scanner-tls-age");
  plugin.vendor = "Example Ltd <packages@example.com>";
  plugin.licence = "MIT";
  ASSERT_TRUE(makePlugin(plugin));
  EXPECT_THAT(contents("plugin.cpp"), HasSubstr("\"name\": \"scanner-tls-age\""));
  EXPECT_THAT(contents("plugin.cpp"), HasSubstr("\"licence\": \"MIT\""));
  EXPECT_THAT(contents("plugin.cpp"), HasSubstr("SCANHOST_PLUGIN(manifest, TlsAgeScanner)"));
  EXPECT_THAT(contents("CMakeLists.txt"), HasSubstr("project(scanner-tls-age"));
  EXPECT_THAT(contents("CMakeLists.txt"), HasSubstr("Example Ltd <packages@example.com>"));
}

TEST_F(NewPluginFolder, LeavesNoPlaceToFillInAnyKind) {
  for (const std::string& kind : pluginKinds()) {
    fs::remove_all(base_ / "plugin");
    const auto made = makePlugin(wanted(kind.substr(0, kind.find('-')) + "-x", kind));
    ASSERT_TRUE(made) << made.error();
    for (const auto& entry : fs::recursive_directory_iterator(*made)) {
      if (!entry.is_regular_file()) continue;
      const std::string text = contents(fs::relative(entry.path(), *made));
      EXPECT_THAT(text, Not(testing::ContainsRegex("@[A-Za-z_./0-9]+@"))) << entry.path();
    }
  }
}

TEST_F(NewPluginFolder, MakesAProgramOfWhatIsOne) {
  ASSERT_TRUE(makePlugin(wanted()));
  const fs::perms mode = fs::status(base_ / "plugin/sample/scan").permissions();
  EXPECT_NE(mode & fs::perms::owner_exec, fs::perms::none);
}

TEST_F(NewPluginFolder, AClassNeverBeginsWithADigit) {
  ASSERT_TRUE(makePlugin(wanted("scanner-3com")));
  EXPECT_THAT(contents("scanner.h"), HasSubstr("class Scanner3com :"));
}

TEST_F(NewPluginFolder, AKindWithoutTemplateIsRefusedWithTheKindsThereAre) {
  EXPECT_THAT(refusalOf(wanted("scanner-x", "scanner")), HasSubstr("scanner-local"));
}

TEST_F(NewPluginFolder, ANameWithoutItsKindIsRefusedWithTheNameToTake) {
  EXPECT_THAT(refusalOf(wanted("banner")), HasSubstr("try scanner-banner"));
}

TEST_F(NewPluginFolder, ANameThatIsNoFilesNameIsRefused) {
  for (const char* name : {"scanner-", "scanner--x", "scanner-X", "scanner-../x", "scanner-a b"})
    EXPECT_THAT(refusalOf(wanted(name)), HasSubstr("lower case letters")) << name;
}

TEST_F(NewPluginFolder, WordsThatWouldNeedEscapingAreRefused) {
  for (const char* word : {"", "a\"b", "a\\b", "a;b", "${HOME}", "a\nb", "\xff"}) {
    NewPlugin plugin = wanted();
    plugin.vendor = word;
    EXPECT_THAT(refusalOf(plugin), HasSubstr("--vendor must")) << word;
    plugin = wanted();
    plugin.licence = word;
    EXPECT_THAT(refusalOf(plugin), HasSubstr("--licence must")) << word;
  }
}

TEST_F(NewPluginFolder, WhatExistsIsLeftAsItIs) {
  fs::create_directory(base_ / "plugin");
  const auto made = makePlugin(wanted());
  ASSERT_FALSE(made);
  EXPECT_THAT(made.error(), HasSubstr("exists already"));
  EXPECT_TRUE(fs::is_empty(base_ / "plugin"));
}

TEST_F(NewPluginFolder, AFolderThatCannotBeMadeIsSaidWithItsReason) {
  NewPlugin plugin = wanted();
  plugin.folder = base_ / "missing" / "plugin";
  EXPECT_THAT(refusalOf(plugin), HasSubstr("No such file or directory"));
}

TEST(NewPluginCommand, ShellsOfferTheKindsThereAre) {
  CLI::App app;
  int exit_code = 0;
  addNew(app, exit_code);
  for (const std::string& script : {pages::bashCompletion(app, "t"), pages::zshCompletion(app, "t"),
                                    pages::fishCompletion(app, "t")})
    EXPECT_THAT(script, HasSubstr("queue results scanner-local scanner-remote transport"));
}

}  // namespace
}  // namespace scanhost
