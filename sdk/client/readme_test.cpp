// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// What the README shows is what the examples compile.
#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

namespace scanhost::client {
namespace {

std::string contentOf(const std::string& name) {
  std::ifstream file(std::string(SCANHOST_SOURCE_DIR) + "/sdk/client/" + name);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

TEST(Readme, CodeIsThatOfTheExample) {
  const std::string readme = contentOf("README.md");
  const std::string fence = "```cpp\n";
  const auto start = readme.find(fence) + fence.size();
  const std::string code = readme.substr(start, readme.find("```", start) - start);
  ASSERT_GT(code.size(), 100u);
  EXPECT_NE(contentOf("examples/basic_usage.cpp").find(code), std::string::npos) << code;
}

}  // namespace
}  // namespace scanhost::client
