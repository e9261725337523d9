// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

// Whatever a file holds, the readers end, soon, with a tree or with a reason.
#include <gtest/gtest.h>

#include <chrono>
#include <random>

#include "host/config/ini_reader.h"
#include "host/config/interpolate.h"
#include "host/config/test_files.h"
#include "host/config/tree_reader.h"
#include "host/config/yaml_reader.h"

namespace scanhost {
namespace {

const std::string yaml_seed =
    "node: {name: a, roles: [api, worker], drain: 30s}\n"
    "http:\n  listen: \"127.0.0.1:8835\"\n  tls: &t {key: '/k'}\n"
    "scanners:\n  - name: x\n    pool: p\n    plugin: s\n    config: {url: \"${env:A:-b}\", t: "
    "*t}\n"
    "policy:\n  targets:\n    allow: [10.0.0.0/8]\ntext: |\n  block\n  text\nnothing: ~\n";

const std::string ini_seed =
    "top.a = 1\n[node]\nname = a\nroles = api, worker ; note\n[scanners.x]\npool = p\n"
    "config.\"a.b\" = \"q \\\" ${env:A:-b}\"\nconfig.list = [1, \"two\", "
    "three]\n[scanners.\"y.z\".config]\n"
    "k = v\n[http.tls]\nkey = /k\n";

/// Pieces that mean something to one of the readers.
const std::vector<std::string> pieces{"[",
                                      "]",
                                      "{",
                                      "}",
                                      ":",
                                      ": ",
                                      ",",
                                      "- ",
                                      "\"",
                                      "'",
                                      "\\",
                                      "&a ",
                                      "*a",
                                      "!!str ",
                                      "!<",
                                      "|",
                                      ">-\n",
                                      "\n",
                                      "\t",
                                      "#",
                                      ";",
                                      "=",
                                      ".",
                                      "${env:",
                                      "${file:/dev/zero}",
                                      "}",
                                      "$${",
                                      "---\n",
                                      "...\n",
                                      "%YAML 1.2\n",
                                      "<<: ",
                                      "? ",
                                      "~",
                                      "null",
                                      std::string(1, '\0'),
                                      "\xff",
                                      "\xef\xbb\xbf",
                                      "\xed\xa0\x80",
                                      "scanners",
                                      "[scanners.",
                                      "99999999999999999999",
                                      std::string(300, 'k')};

class Mutator {
 public:
  explicit Mutator(unsigned seed) : random_(seed) {}

  std::string mutate(std::string text) {
    for (std::size_t n = 1 + pick(8); n > 0; --n) mutateOnce(text);
    return text;
  }

 private:
  std::size_t pick(std::size_t below) { return random_() % below; }

  void mutateOnce(std::string& text) {
    const std::size_t at = pick(text.size() + 1);
    const std::size_t length = std::min<std::size_t>(pick(24), text.size() - at);
    switch (pick(5)) {
      case 0: text.insert(at, pieces[pick(pieces.size())]); return;
      case 1: text.erase(at, length); return;
      case 2: text.insert(pick(text.size() + 1), text.substr(at, length)); return;
      case 3:
        if (at < text.size()) text[at] = static_cast<char>(pick(256));
        return;
      default: {
        std::string repeated;
        const std::string& piece = pieces[pick(pieces.size())];
        for (std::size_t n = pick(200); n > 0; --n) repeated += piece;
        text.insert(at, repeated);
      }
    }
  }

  std::mt19937 random_;
};

/// Reads, expands and validates, and answers how long that took.
std::chrono::milliseconds digest(const std::string& text, bool ini) {
  const auto begin = std::chrono::steady_clock::now();
  Problems problems;
  std::optional<ConfigNode> tree = ini ? readIni(text, testFileName("fuzz.ini"), problems)
                                       : readYaml(text, testFileName("fuzz.yaml"), problems);
  if (tree) {
    expandTree(*tree, {{"A", "x"}}, ExpansionForm::current, problems);
    readTree(*tree, problems);
  } else {
    EXPECT_TRUE(problems.anyError()) << text;
  }
  for (const Problem& problem : problems.take()) {
    EXPECT_GE(problem.line, 0);
    EXPECT_FALSE(problem.message.empty());
    EXPECT_LT(formatProblem(problem).size(), 4000u);
  }
  return std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() -
                                                               begin);
}

void fuzz(const std::string& seed_text, bool ini) {
  for (unsigned seed = 0; seed < 1500; ++seed) {
    const std::string text = Mutator(seed).mutate(seed_text);
    EXPECT_LT(digest(text, ini).count(), 5000) << "seed " << seed;
  }
}

TEST(ReaderFuzz, MutatedYamlNeverCrashesOrHangs) {
  fuzz(yaml_seed, false);
}
TEST(ReaderFuzz, MutatedIniNeverCrashesOrHangs) {
  fuzz(ini_seed, true);
}

TEST(ReaderFuzz, AQuarterMebibyteOfAnyPieceEndsSoon) {
  for (const std::string& piece : pieces) {
    std::string text;
    while (text.size() < ConfigLimits::file_bytes / 4) text += piece;
    EXPECT_LT(digest(text, false).count(), 20'000) << "YAML of " << quotedForMessage(piece);
    EXPECT_LT(digest(text, true).count(), 20'000) << "INI of " << quotedForMessage(piece);
  }
}

}  // namespace
}  // namespace scanhost
