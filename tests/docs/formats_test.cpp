// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// What documents show in other languages is read by who reads that language, where it is at hand.
#include <gtest/gtest.h>
#include <scanhost/json.h>

#include <functional>
#include <regex>

#include "tests/docs/documents.h"
#include "tests/docs/programs.h"
#include "tests/docs/shell.h"
#include "tests/support/child_process.h"
#include "tests/support/folder.h"
#include "tests/support/redis_server.h"

namespace scanhost::docs {
namespace {

using testing_support::Folder;
using testing_support::run;

void forEachOf(const std::string& language, const std::function<void(const Block&)>& visit) {
  for (const Block& block : allBlocks())
    if (block.language == language) visit(block);
}

/// What a program says of the block in a file of that name; empty when it takes it or is not here.
std::string refusalBy(const std::vector<std::string>& program, const std::string& name,
                      const Block& block) {
  if (!isHere(program[0])) return "";
  const Folder folder;
  std::vector<std::string> words = program;
  words.push_back(folder.write(name, block.text).string());
  const auto ended = run({words, {}, {}});
  return ended.exit_code == 0 ? "" : ended.out + ended.err;
}

/// The line, from 1, where a bracket closes that was not open, or that ends with one open; 0 when
/// all is well.
int lineOfBadBracket(const std::string& text) {
  const std::string opening = "({[", closing = ")}]";
  std::string expected;
  int number = 0;
  for (const std::string& line : linesOf(text)) {
    ++number;
    for (const char c : line) {
      if (const auto at = opening.find(c); at != std::string::npos) expected += closing[at];
      if (closing.find(c) == std::string::npos) continue;
      if (expected.empty() || expected.back() != c) return number;
      expected.pop_back();
    }
  }
  return expected.empty() ? 0 : number;
}

/// One document, or one a line. "..." for what is left out is no JSON, so it goes.
TEST(DocumentedJson, Parses) {
  static const std::regex left_out(R"(,\s*\.\.\.|\.\.\.\s*,)");
  forEachOf("json", [](const Block& block) {
    if (Json::tryParse(std::regex_replace(block.text, left_out, ""))) return;
    int number = 0;
    for (const std::string& line : linesOf(block.text)) {
      ++number;
      if (!Json::tryParse(std::regex_replace(line, left_out, "")))
        ADD_FAILURE() << block.at(number) << ": is no JSON";
    }
  });
}

/// systemd reads a whole unit, or the service's own with the block as a drop-in.
TEST(DocumentedUnits, AreTakenBySystemd) {
  static const std::regex section(R"(\[(Unit|Service|Timer|Socket|Path|Install|X-.*)\])"),
      setting(R"([A-Z][A-Za-z]*=.*)"),
      complaint(R"(^\S*(docs|scanhost)\.(service|timer):[0-9]+: |Refusing|bad unit file)");
  forEachOf("ini", [](const Block& block) {
    if (!block.isUnit()) return;
    int number = 0;
    for (const std::string& line : linesOf(block.text)) {
      ++number;
      if (!line.empty() && !line.starts_with("#") && !std::regex_match(line, section) &&
          !std::regex_match(line, setting))
        ADD_FAILURE() << block.at(number) << ": is neither section nor setting of a unit";
      if (!line.starts_with("ExecStart=")) continue;
      for (const Call& call : callsIn(line.substr(10)))
        if (const auto words = innermost(call.words); isOurs(words[0]))
          if (const auto refusal = refusalOf(words))
            ADD_FAILURE() << block.at(number) << ": " << *refusal;
    }
    if (!isHere("systemd-analyze")) return;
    const Folder folder;
    const bool timer = block.text.find("[Timer]") != std::string::npos,
               drop_in = !timer && block.text.find("ExecStart=") == std::string::npos;
    const std::string program = "[Service]\nExecStart=/bin/true\n";
    const std::string of_package = textOf("packaging/systemd/scanhost.service");
    folder.write("docs.service", timer ? program : block.text);
    folder.write("docs.timer", block.text);
    folder.write("scanhost.service", of_package + block.text);
    const auto file = folder.path() / (timer     ? "docs.timer"
                                       : drop_in ? "scanhost.service"
                                                 : "docs.service");
    const auto said = run({{"systemd-analyze", "verify", "--man=no", file.string()}, {}, {}}).err;
    for (const std::string& line : linesOf(said))
      if (std::regex_search(line, complaint)) ADD_FAILURE() << block.at() << ": " << line;
  });
}

/// C++ names the file that it is part of, as it stands there.
TEST(DocumentedCpp, StandsInTheFileThatItNames) {
  forEachOf("cpp", [](const Block& block) {
    const std::string file = block.noted("from");
    if (file.empty() && block.noted("in").empty())
      ADD_FAILURE() << block.at() << ": no comment above says of which file this is a part";
    if (!file.empty() && textOf(file).find(block.text) == std::string::npos)
      ADD_FAILURE() << block.at() << ": does not stand in " << file << " like this";
  });
}

TEST(DocumentedScripts, ParseInTheirLanguage) {
  forEachOf("js", [](const Block& block) {
    if (const auto said = refusalBy({"node", "--check"}, "shown.mjs", block); !said.empty())
      ADD_FAILURE() << block.at() << ": " << said;
  });
  forEachOf("python", [](const Block& block) {
    const char* parse = "import ast, sys; ast.parse(open(sys.argv[1]).read())";
    if (const auto said = refusalBy({"python3", "-c", parse}, "shown.py", block); !said.empty())
      ADD_FAILURE() << block.at() << ": " << said;
  });
}

TEST(DocumentedRedisSettings, AreTakenByRedis) {
  forEachOf("redis", [](const Block& block) {
    std::vector<std::string> settings;
    for (const Call& call : callsIn(block.text)) {
      settings.push_back("--" + call.words[0]);
      settings.insert(settings.end(), call.words.begin() + 1, call.words.end());
    }
    try {
      const testing_support::RedisServer server(settings);
    } catch (const std::exception& error) {
      ADD_FAILURE() << block.at() << ": " << error.what();
    }
  });
}

/// Of languages whose readers no test machine has, this much can be said.
TEST(DocumentedFragments, CloseWhatTheyOpen) {
  for (const char* language : {"alloy", "cmake", "logql", "nginx"})
    forEachOf(language, [](const Block& block) {
      if (const int line = lineOfBadBracket(block.text); line > 0)
        ADD_FAILURE() << block.at(line) << ": a bracket has no fellow";
    });
}

}  // namespace
}  // namespace scanhost::docs
