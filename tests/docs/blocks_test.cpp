// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// Each code block says what it is, so that the tests of this folder know what to hold it to.
#include <gtest/gtest.h>

#include <set>

#include "tests/docs/documents.h"
#include "tests/docs/programs.h"

namespace scanhost::docs {
namespace {

const std::set<std::string> known = {"alloy", "cmake", "console", "cpp",   "ini", "js",   "json",
                                     "logql", "nginx", "python",  "redis", "sh",  "text", "yaml"};

TEST(DocumentedBlocks, SayWhatTheyAre) {
  for (const Block& block : allBlocks()) {
    if (block.language.empty())
      ADD_FAILURE() << block.at() << ": the block says no language; `text` is what nobody types";
    else if (!known.contains(block.language))
      ADD_FAILURE() << block.at() << ": no test here knows the language " << block.language;
  }
}

/// A note that no test reads would be a check that is not made.
TEST(DocumentedBlocks, HaveNotesThatMeanSomething) {
  for (const Block& block : allBlocks()) {
    if (block.note.empty()) continue;
    bool means = false;
    for (const char* key :
         {"do", "file", "from", "in", "of", "run", "said", "take", "with", "wrong"})
      means = means || !block.noted(key).empty();
    if (!means) ADD_FAILURE() << block.at(-1) << ": no test here knows this note: " << block.note;
  }
}

TEST(DocumentedBlocks, HideNoCommandWhereNoTestLooks) {
  for (const Block& block : allBlocks()) {
    if (block.language != "text") continue;
    int number = 0;
    for (const std::string& line : linesOf(block.text)) {
      ++number;
      if (line.starts_with("$ ")) ADD_FAILURE() << block.at(number) << ": a command is `console`";
    }
  }
  for (const std::string& document : allDocuments()) {
    int number = 0;
    for (const std::string& line : linesOf(textOf(document))) {
      ++number;
      if (line.starts_with("    ") && isOurs(line.substr(4, line.find(' ', 4) - 4)))
        ADD_FAILURE() << document << ":" << number << ": a command stands between fences";
    }
  }
}

}  // namespace
}  // namespace scanhost::docs
