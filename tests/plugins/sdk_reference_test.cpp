// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// docs/reference/sdk.md names every function of the SDK, and none that is not there.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <regex>
#include <set>
#include <string>
#include <vector>

#include "tests/plugins/plugin_folder.h"

namespace scanhost {
namespace {

using testing::IsEmpty;
namespace fs = std::filesystem;

const fs::path source = SCANHOST_SOURCE_DIR;
const fs::path headers = source / "sdk/include/scanhost";

std::vector<std::string> linesOf(const fs::path& file) {
  std::vector<std::string> lines;
  std::ifstream in(file);
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  return lines;
}

std::set<std::string> allMatches(const std::string& text, const char* pattern) {
  const std::regex regex(pattern);
  std::set<std::string> found;
  for (std::sregex_iterator one(text.begin(), text.end(), regex), end; one != end; ++one)
    found.insert((*one)[1].str());
  return found;
}

std::set<std::string> missingFrom(const std::set<std::string>& there,
                                  const std::set<std::string>& wanted) {
  std::set<std::string> missing;
  std::set_difference(wanted.begin(), wanted.end(), there.begin(), there.end(),
                      std::inserter(missing, missing.end()));
  return missing;
}

/// "scanhost_queue.submit" for every member of a struct that is a function.
std::set<std::string> functionsOfAbi() {
  const std::regex opening(R"(^typedef struct (\w+) \{)"), function(R"(^ .*\(\*(\w+)\)\()");
  std::set<std::string> functions;
  for (const auto& entry : fs::recursive_directory_iterator(headers / "abi")) {
    if (!entry.is_regular_file()) continue;
    std::string within;
    std::smatch match;
    for (const std::string& line : linesOf(entry.path())) {
      if (std::regex_search(line, match, opening)) within = match[1];
      // At a member's own indentation: a function's argument may be a function too.
      if (line.rfind("   ", 0) != 0 && std::regex_search(line, match, function))
        functions.insert(within + "." + match[1].str());
    }
  }
  return functions;
}

/// Names of the layer's public functions, as its formatting shows them: those of a namespace at the
/// line's start, those of a class two columns in, neither in a namespace `detail` nor private.
std::set<std::string> functionsOfLayer(const fs::path& file) {
  const std::regex type(R"(^(class|struct) (\w+)[^;]*$)"),
      access(R"(^ (public|protected|private):)");
  const std::regex function(R"(^(?:  )?[A-Za-z][^(]*?[ *&](operator\[\]|[a-z]\w*)\()");
  const std::regex other(
      R"(^ *(return|using|template|friend|if|for|while|static_assert|explicit|enum|case)\b|::\w+\(|operator scanhost_)");
  const std::regex macro(R"(^#define (SCANHOST_[A-Z_]+)\()");
  std::set<std::string> names;
  bool detail = false, in_type = false, is_public = true;
  std::smatch match;
  for (const std::string& line : linesOf(file)) {
    if (line == "namespace detail {") detail = true;
    if (line == "}  // namespace detail") detail = false;
    if (detail) continue;
    if (std::regex_search(line, match, type)) {
      in_type = true;
      is_public = match[1] == "struct";
    } else if (line.rfind("};", 0) == 0) {
      in_type = false;
    } else if (std::regex_search(line, match, access)) {
      is_public = match[1] == "public";
    } else if (std::regex_search(line, match, macro) && line.find("_H") == std::string::npos) {
      names.insert(match[1]);
    }
    const bool indented = line.rfind("  ", 0) == 0;
    if (indented != in_type || (in_type && !is_public) || std::regex_search(line, other)) continue;
    if (std::regex_search(line, match, function)) names.insert(match[1]);
  }
  return names;
}

TEST(SdkReference, NamesEveryFunctionOfTheAbiAndNoOther) {
  const std::string page = PluginFolder::contents(source / "docs/reference/sdk.md");
  const std::set<std::string> documented = allMatches(page, R"(\| `(scanhost_\w+\.\w+)` \|)");
  const std::set<std::string> there = functionsOfAbi();
  EXPECT_GT(there.size(), 70u);
  EXPECT_THAT(missingFrom(documented, there), IsEmpty()) << "are not in docs/reference/sdk.md";
  EXPECT_THAT(missingFrom(there, documented), IsEmpty()) << "are in docs/reference/sdk.md alone";
}

TEST(SdkReference, NamesEveryPublicFunctionOfTheLayer) {
  const std::string page = PluginFolder::contents(source / "docs/reference/sdk.md");
  const std::set<std::string> documented = allMatches(page, R"(`([A-Za-z_]+(?:\[\])?)[`(])");
  std::set<std::string> there;
  for (const fs::path& folder : {headers, headers / "testing"})
    for (const auto& entry : fs::directory_iterator(folder))
      if (entry.path().extension() == ".h") there.merge(functionsOfLayer(entry.path()));
  EXPECT_GT(there.size(), 130u);
  EXPECT_THAT(missingFrom(documented, there), IsEmpty()) << "are not in docs/reference/sdk.md";
}

}  // namespace
}  // namespace scanhost
