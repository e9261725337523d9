// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// What commands in documents name is there: files of the sources, what the build makes, packages,
/// and routes of the service.
#include <glob.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <regex>
#include <set>

#include "tests/docs/documents.h"
#include "tests/docs/shell.h"
#include "tests/integration/service.h"

namespace scanhost::docs {
namespace {

namespace fs = std::filesystem;

const fs::path sources = SCANHOST_SOURCE_DIR;

std::string fileOfTheBuild(const std::string& name) {
  std::ifstream in(fs::path(SCANHOST_BINARY_DIR) / name);
  return {std::istreambuf_iterator<char>(in), {}};
}

/// Whether the build has a rule that makes that: "bin/scanhost", or a target's name.
bool isMade(const std::string& name) {
  static const std::string rules = fileOfTheBuild("build.ninja");
  return rules.find("\nbuild " + name + ":") != std::string::npos ||
         rules.find("\nbuild " + name + " ") != std::string::npos;
}

bool matchesAFile(const std::string& pattern) {
  glob_t found{};
  const int outcome = glob(pattern.c_str(), 0, nullptr, &found);
  globfree(&found);
  return outcome == 0;
}

TEST(DocumentedCommands, NameFilesOfTheSourcesThatAreThere) {
  static const std::regex of_sources(
      "(docs|host|packaging|plugins|scripts|sdk|tests)/[A-Za-z0-9_./*-]+");
  int checked = 0;
  forEachCommand([&checked](const std::string& place, const fs::path&, const auto& words) {
    for (const std::string& word : words) {
      if (!std::regex_match(word, of_sources)) continue;
      ++checked;
      if (!matchesAFile((sources / word).string()))
        ADD_FAILURE() << place << ": " << word << " is not in the sources";
    }
  });
  EXPECT_GT(checked, 20);
}

TEST(DocumentedCommands, RunScriptsOfTheFolderThatTheyWentTo) {
  forEachCommand([](const std::string& place, const fs::path& folder, const auto& words) {
    for (const std::string& word : words)
      if ((words[0] == "node" || words[0].ends_with("/node")) && word.ends_with("js") &&
          !fs::exists(sources / folder / word))
        ADD_FAILURE() << place << ": " << word << " is not in " << folder;
  });
}

/// As the script's own text has it, where what follows is for the script.
TEST(DocumentedCommands, GiveOurScriptsOptionsThatTheyKnow) {
  forEachCommand([](const std::string& place, const fs::path&, const auto& words) {
    if (words.empty() || !words[0].starts_with("scripts/")) return;
    const std::string script = textOf(words[0]);
    for (const std::string& word : words)
      if (word.starts_with("--") && script.find(word) == std::string::npos)
        ADD_FAILURE() << place << ": " << words[0] << " knows no " << word;
  });
}

/// Their runs are too long for a test, but the headings of what they print are their own words.
TEST(DocumentedCommands, ShowHeadingsThatOurScriptsPrint) {
  static const std::regex heading("== \\S+ \\S+");
  int checked = 0;
  for (const Block& block : allBlocks()) {
    if (block.language != "console") continue;
    for (const Exchange& exchange : exchangesOf(block)) {
      if (!exchange.typed.starts_with("scripts/")) continue;
      const std::string script =
          textOf(exchange.typed.substr(0, exchange.typed.find_first_of(" \n")));
      int line = exchange.line;
      for (const std::string& shown : exchange.shown) {
        ++line;
        std::smatch words;
        if (!std::regex_search(shown, words, heading, std::regex_constants::match_continuous))
          continue;
        ++checked;
        if (script.find(words.str()) == std::string::npos)
          ADD_FAILURE() << block.at(line) << ": the script prints no \"" << words.str() << "\"";
      }
    }
  }
  EXPECT_GT(checked, 0);
}

TEST(DocumentedCommands, NameWhatTheBuildMakes) {
  static const std::regex of_build(
      R"((?:\./)?build/(?:release|debug|asan|tsan)/((?:bin|plugins|tests)/[A-Za-z0-9_./-]+))");
  const std::string presets = textOf("CMakePresets.json");
  int checked = 0;
  forEachCommand([&](const std::string& place, const fs::path&, const auto& words) {
    bool targets = false;
    std::string before;
    for (const std::string& word : words) {
      std::smatch found;
      if (std::regex_match(word, found, of_build) && ++checked && !isMade(found[1]))
        ADD_FAILURE() << place << ": no target makes " << word;
      if (word.starts_with("-")) targets = false;
      if (words[0] == "cmake" && targets && !isMade(word))
        ADD_FAILURE() << place << ": there is no target " << word;
      if (word == "--target") targets = true;
      if (words[0] == "cmake" && before == "--preset" &&
          presets.find("\"name\": \"" + word + "\"") == std::string::npos)
        ADD_FAILURE() << place << ": there is no preset " << word;
      before = word;
    }
  });
  EXPECT_GT(checked, 10);
}

TEST(DocumentedCommands, InstallPackagesThatThereAre) {
  const std::string packaging = fileOfTheBuild("CPackConfig.cmake");
  static const std::regex package_file(
      R"((?:\./)?(scanhost[a-z-]*?)[_-]\*\.(?:deb|rpm)|(scanhost[a-z-]*))");
  static const std::set<std::string> installers = {"apt", "apt-get", "dpkg", "rpm", "dnf"};
  int checked = 0;
  forEachCommand([&](const std::string& place, const fs::path&, const auto& words) {
    if (words.empty() || !installers.contains(words[0])) return;
    for (const std::string& word : words) {
      std::smatch found;
      if (!std::regex_match(word, found, package_file)) continue;
      ++checked;
      const std::string name = found[1].matched ? found[1] : found[2];
      if (packaging.find("_PACKAGE_NAME \"" + name + "\"") == std::string::npos)
        ADD_FAILURE() << place << ": there is no package " << name;
    }
  });
  EXPECT_GT(checked, 4);
}

/// Wherever in a document they stand, for they are typed into browsers and settings, too.
TEST(DocumentedAddresses, LeadToRoutesOfTheService) {
  const integration::Service service(
      {.scanners = integration::nmapScanner("1"), .transport = "{sse: {enabled: true}}"});
  static const std::regex address(R"(http://127\.0\.0\.1:(?:8835|18840)(/[A-Za-z0-9_/-]*))");
  std::map<std::string, std::string> codes;
  int checked = 0;
  for (const std::string& document : allDocuments()) {
    int number = 0;
    for (const std::string& line : linesOf(textOf(document))) {
      ++number;
      for (std::sregex_iterator it(line.begin(), line.end(), address), end; it != end; ++it) {
        const std::string path = (*it)[1];
        std::string& code = codes[path];
        if (code.empty())
          code = testing_support::run({{"curl", "-s", "-m", "1", "-o", "/dev/null", "-w",
                                        "%{http_code}", service.url() + path},
                                       {},
                                       {}})
                     .out;
        ++checked;
        if (code == "404" || code == "000")
          ADD_FAILURE() << document << ":" << number << ": the service has no " << path;
      }
    }
  }
  EXPECT_GT(checked, 10);
}

}  // namespace
}  // namespace scanhost::docs
