// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// docs/reference/abi.md names the test of each obligation; a test that is renamed or removed must
/// not leave its name behind there.
#include <gtest/gtest.h>

#include <filesystem>
#include <regex>
#include <set>

#include "tests/plugins/plugin_folder.h"

namespace scanhost {
namespace {

const std::filesystem::path source = SCANHOST_SOURCE_DIR;

std::string reference() {
  return PluginFolder::contents(source / "docs/reference/abi.md");
}

std::set<std::string> matches(const std::string& text, const std::regex& pattern,
                              const char* format) {
  std::set<std::string> found;
  for (std::sregex_iterator it(text.begin(), text.end(), pattern), end; it != end; ++it)
    found.insert(it->format(format));
  return found;
}

std::set<std::string> testsOfTheTree() {
  const std::regex definition(R"(TEST(?:_[FP])?\(\s*(\w+),\s*(\w+)\))");
  std::set<std::string> names;
  for (const char* folder : {"host", "sdk", "plugins", "tests"})
    for (const auto& entry : std::filesystem::recursive_directory_iterator(
             source / folder, std::filesystem::directory_options::follow_directory_symlink))
      if (entry.path().extension() == ".cpp")
        names.merge(matches(PluginFolder::contents(entry.path()), definition, "$1.$2"));
  return names;
}

TEST(AbiReference, NamesOnlyTestsThatExist) {
  const std::set<std::string> named =
      matches(reference(), std::regex(R"(`([A-Z]\w+)\.([A-Z]\w+)`)"), "$1.$2");
  const std::set<std::string> existing = testsOfTheTree();
  EXPECT_GT(named.size(), 30u);
  for (const std::string& name : named) EXPECT_TRUE(existing.count(name)) << name;
}

TEST(AbiReference, NumbersEveryObligationOnce) {
  const std::string text = reference();
  const std::regex row(R"(\n\| (SH-[HP]-\d+) \|)");
  std::size_t rows = 0;
  for (std::sregex_iterator it(text.begin(), text.end(), row), end; it != end; ++it) ++rows;
  EXPECT_GT(rows, 60u);
  EXPECT_EQ(matches(text, row, "$1").size(), rows);
}

}  // namespace
}  // namespace scanhost
