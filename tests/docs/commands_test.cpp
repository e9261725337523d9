// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// Commands in documents are ones that can be typed: bash parses them, and our programs take what
/// they are given.
#include <gtest/gtest.h>

#include <regex>

#include "tests/docs/documents.h"
#include "tests/docs/programs.h"
#include "tests/docs/shell.h"
#include "tests/support/child_process.h"
#include "tests/support/folder.h"

namespace scanhost::docs {
namespace {

/// What bash says of the syntax; empty when it is fine.
std::string bashOf(const std::string& text) {
  const testing_support::Folder folder;
  return testing_support::run({{"bash", "-n", folder.write("typed", text).string()}, {}, {}}).err;
}

TEST(DocumentedCommands, AConsoleBeginsWithAPrompt) {
  for (const Block& block : allBlocks())
    if (block.language == "console" && exchangesOf(block).empty())
      ADD_FAILURE() << block.at(1)
                    << ": a console begins with \"$ \" or \"# \"; what a program prints is `text`, "
                       "and commands to copy are `sh`";
}

TEST(DocumentedCommands, AreWhatBashParses) {
  for (const Block& block : allBlocks()) {
    if (block.language == "sh")
      if (const std::string said = bashOf(block.text); !said.empty())
        ADD_FAILURE() << block.at(1) << ": " << said;
    if (block.language == "console")
      for (const Exchange& exchange : exchangesOf(block))
        if (const std::string said = bashOf(exchange.typed); !said.empty())
          ADD_FAILURE() << block.at(exchange.line) << ": " << said;
  }
}

TEST(DocumentedCommands, GiveOurProgramsWhatTheyTake) {
  int checked = 0;
  forEachCommand([&checked](const std::string& place, const auto&, const auto& typed) {
    const std::vector<std::string> words = innermost(typed);
    if (words.empty() || !isOurs(words[0])) return;
    ++checked;
    if (const auto refusal = refusalOf(words))
      ADD_FAILURE() << place << ": " << words[0] << ": " << *refusal;
  });
  EXPECT_GT(checked, 50);
}

/// In running text as well, which may name a verb alone and puts what can be left out into
/// brackets.
TEST(DocumentedCommands, GiveOurProgramsWhatTheyTakeInProse) {
  static const std::regex span("`([^`]+)`"), brackets(R"([\[\]])"),
      demanded("^(?!A subcommand).* is required");
  int checked = 0;
  for (const std::string& document : allDocuments()) {
    int number = 0;
    bool fenced = false;
    for (const std::string& line : linesOf(textOf(document))) {
      ++number;
      if (line.find("```") != std::string::npos) fenced = !fenced;
      if (fenced) continue;
      for (std::sregex_iterator it(line.begin(), line.end(), span), end; it != end; ++it) {
        const std::string typed = std::regex_replace((*it)[1].str(), brackets, "");
        if (typed.find("...") != std::string::npos || typed.find(' ') == std::string::npos)
          continue;
        for (const Call& call : callsIn(typed)) {
          const std::vector<std::string> words = innermost(call.words);
          if (words.empty() || !isOurs(words[0])) continue;
          ++checked;
          const auto refusal = refusalOf(words);
          if (refusal && !std::regex_search(*refusal, demanded))
            ADD_FAILURE() << document << ":" << number << ": `" << typed << "`: " << *refusal;
        }
      }
    }
  }
  EXPECT_GT(checked, 50);
}

}  // namespace
}  // namespace scanhost::docs
