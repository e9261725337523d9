// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstring>
#include <functional>
#include <sstream>

#include "host/config/schema.h"
#include "host/config/test_files.h"

namespace scanhost {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

/// Takes the `#` off every line that is not prose; scanners_file names a file that is not there.
std::string uncommented(const std::string& text) {
  std::istringstream lines(text);
  std::string out;
  for (std::string line; std::getline(lines, line);) {
    const std::size_t mark = line.find_first_not_of(' ');
    const bool settable =
        mark != line.npos && line[mark] == '#' && mark + 1 < line.size() && line[mark + 1] != ' ';
    if (settable) line.erase(mark, 1);
    if (line.find("scanners_file:") == line.npos) out += line + "\n";
  }
  return out;
}

TEST(DefaultsText, LacksNothingButAScanner) {
  EXPECT_THAT(shownErrors(loadText(defaultsText())),
              ElementsAre(HasSubstr("scanners: no scanner is configured")));
}

TEST(DefaultsText, IsAValidConfigurationWithItsExamples) {
  std::string text = uncommented(defaultsText());
  // Examples that exclude each other stand side by side.
  text.replace(text.find("mode: none"), std::strlen("mode: none"), "mode: token");
  const std::size_t second = text.find("jwks_file:");
  text.erase(second, text.find('\n', second) - second);
  const LoadOutcome outcome = loadText(text);
  EXPECT_THAT(shownErrors(outcome), IsEmpty());
  ASSERT_TRUE(outcome.config);
  EXPECT_EQ(outcome.config->scanners.size(), 1u);
  EXPECT_EQ(outcome.config->scan_templates.size(), 1u);
}

TEST(DefaultsText, ItsDefaultsAreTheOnesInForce) {
  const Config written =
      loadText(defaultsText() + minimal_yaml.substr(0, minimal_yaml.find('\n') + 1))
          .config.value_or(Config{});
  const Config implied =
      loadText(minimal_yaml.substr(0, minimal_yaml.find('\n') + 1)).config.value_or(Config{});
  ASSERT_FALSE(implied.settings.empty());
  EXPECT_THAT(changesBetween(written, implied).changed, IsEmpty());
}

TEST(DefaultsText, NamesEveryKeyAndSaysWhatItIs) {
  const std::string text = defaultsText();
  const std::function<void(const SchemaNode&)> check = [&](const SchemaNode& node) {
    if (node.key) {
      EXPECT_THAT(text, HasSubstr(node.name + ":")) << node.key->path;
      EXPECT_FALSE(node.key->doc.empty()) << node.key->path;
      EXPECT_EQ(node.key->least.empty(), node.key->most.empty()) << node.key->path;
    }
    for (const SchemaNode& child : node.children) check(child);
  };
  check(configSchema());
  EXPECT_THAT(text, HasSubstr("data_dir: /var/lib/scanhost\n"));
}

}  // namespace
}  // namespace scanhost
