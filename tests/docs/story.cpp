// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "tests/docs/story.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <regex>

#include "tests/docs/shell.h"

namespace scanhost::docs {
namespace {

const std::regex task_id("[a-z]{2}_[a-z0-9]+_[0-9]{8}_[0-9]{6}_[0-9a-f]{8}");

std::string replacedAll(std::string text, const std::string& from, const std::string& to) {
  for (std::size_t at = 0; (at = text.find(from, at)) != std::string::npos; at += to.size())
    text.replace(at, from.size(), to);
  return text;
}

/// With one word for each thing that is another one each time.
std::string comparable(std::string line) {
  static const std::vector<std::pair<std::regex, std::string>> changing = {
      {task_id, "TASK"},
      {std::regex("[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:]{8}\\.[0-9]+Z"), "TIME"},
      {std::regex("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"), "UUID"},
      {std::regex("[0-9a-f]{64}"), "DIGEST"},
      {std::regex("(\"duration_seconds\":)[0-9.]+"), "$1SECONDS"},
      {std::regex("local:[a-z_-]+"), "local:USER"},
      {std::regex("Python 3[0-9.]+"), "Python 3"},
      {std::regex("[0-9.]+ (sec|bytes)"), "NUMBER $1"},
      {std::regex("[0-9]+ passed, 0 failed(, [0-9]+ skipped)?"), "SOME passed, 0 failed"},
      {std::regex("root/root +[0-9]+ [0-9-]+ [0-9:]+"), "root/root SIZE TIME"},
      {std::regex(" +"), " "},  // columns are as wide as what stands in them
      {std::regex(" +$"), ""},
  };
  for (const auto& [what, word] : changing) line = std::regex_replace(line, what, word);
  return line;
}

/// How often a scan under way is seen, and where, is another thing each time.
bool isProgress(const std::string& line) {
  return line.starts_with("running") || line.starts_with("queued position");
}

std::vector<std::string> comparableLines(const std::vector<std::string>& lines) {
  std::vector<std::string> out;
  for (const std::string& line : lines)
    if (!isProgress(line)) out.push_back(comparable(line));
  while (!out.empty() && out.back().empty()) out.pop_back();
  return out;
}

/// Where "..." of the pattern is anything.
bool matches(const std::string& pattern, const std::string& line) {
  std::size_t from = 0, at = 0;
  for (bool first = true;; first = false) {
    const std::size_t dots = pattern.find("...", from);
    const std::string part = pattern.substr(from, dots - from);
    const bool last = dots == std::string::npos;
    if (last && !first) return line.size() >= at + part.size() && line.ends_with(part);
    const std::size_t found = line.find(part, at);
    if (found == std::string::npos || (first && found != 0)) return false;
    if (last) return line.size() == part.size();
    at = found + part.size();
    from = dots + 3;
  }
}

/// The first line of `shown` that `said` has not; its size when all are there and nothing else is.
/// A line "..." is any lines.
std::size_t firstDifference(const std::vector<std::string>& shown,
                            const std::vector<std::string>& said) {
  std::size_t at = 0;
  bool anything = false;
  for (std::size_t i = 0; i < shown.size(); ++i) {
    if (shown[i] == "...") {
      anything = true;
      continue;
    }
    while (anything && at < said.size() && !matches(shown[i], said[at])) ++at;
    if (at == said.size() || !matches(shown[i], said[at])) return i;
    ++at;
    anything = false;
  }
  return anything || at == said.size() ? shown.size() : shown.size() - (shown.empty() ? 0 : 1);
}

std::string joined(const std::vector<std::string>& lines) {
  std::string text;
  for (const std::string& line : lines) text += line + "\n";
  return text;
}

}  // namespace

Story::Story(Setting setting) : setting_(std::move(setting)) {
  setting_.environment["PATH"] = SCANHOST_BINARY_DIR "/bin:" + std::string(std::getenv("PATH"));
}

void Story::follow(const std::string& document) {
  for (const Block& block : blocksOf(document)) follow(block);
}

void Story::follow(const Block& block) {
  if (const std::string command = block.noted("do"); !command.empty()) {
    const auto ended = testing_support::run(inShell(asRun(command)));
    if (ended.exit_code != 0) ADD_FAILURE() << block.at() << ": " << command << ": " << ended.err;
  }
  if (const std::string file = block.noted("file"); !file.empty())
    std::ofstream(std::filesystem::path(setting_.folder) / file) << asRun(block.text);
  if (const std::string place = block.noted("in"); block.language == "cpp" && !place.empty())
    putInto(place, block);
  if (!block.noted("said").empty()) {
    const auto lines = comparableLines(linesOf(asDocumented(said_)));
    // Answers of curl do not end in a new line.
    const std::string pattern = "..." + comparable(block.text.substr(0, block.text.find('\n')));
    if (std::none_of(lines.begin(), lines.end(),
                     [&pattern](const std::string& line) { return matches(pattern, line); }))
      ADD_FAILURE() << block.at(1) << ": what was said instead is\n" << joined(lines);
  }
  const std::string run = block.noted("run");
  if (run == "no") return;
  if (block.language == "sh" && !run.empty()) follow(block, block.text, {}, 1, run == "meanwhile");
  if (block.language == "console")
    for (const Exchange& exchange : exchangesOf(block))
      follow(block, exchange.typed, exchange.shown, exchange.line, run == "meanwhile");
}

void Story::follow(const Block& block, const std::string& typed,
                   const std::vector<std::string>& shown, int line, bool meanwhile) {
  static const std::regex changes_folder("cd (\\S+)\n"),
      keeps("(export |[A-Za-z_]+=|[a-z]+\\(\\) ).*\n");
  if (std::smatch found; std::regex_match(typed, found, changes_folder)) {
    setting_.folder += "/" + found[1].str();
    return;
  }
  if (std::regex_match(typed, keeps)) {
    kept_ += asRun(typed);
    return;
  }
  std::string said;
  if (meanwhile) {
    // In the shell's place, so that it ends with the story.
    const std::size_t last = typed.rfind('\n', typed.size() - 2) + 1;
    meanwhile_.emplace_back(inShell(asRun(typed.substr(0, last) + "exec " + typed.substr(last))));
    if (!shown.empty())
      meanwhile_.back().waitFor(asRun(shown.back().substr(0, shown.back().find("..."))));
    said = meanwhile_.back().out();
  } else {
    const auto ended = testing_support::run(inShell(asRun(typed)), std::chrono::minutes(4));
    said = ended.out;
    if (block.language == "sh" && ended.exit_code != 0)
      ADD_FAILURE() << block.at() << ": ends with " << ended.exit_code << ":\n" << said;
  }
  said_ = said;
  learnIds(joined(shown), said);
  const auto expected = comparableLines(shown),
             found = comparableLines(linesOf(asDocumented(said)));
  const std::size_t difference = firstDifference(expected, found);
  if (difference < expected.size() ||
      (expected.empty() && !found.empty() && !meanwhile && block.language == "console"))
    ADD_FAILURE() << block.at(line + 1 + static_cast<int>(difference)) << ": `"
                  << typed.substr(0, typed.find('\n')) << "` says\n"
                  << joined(found) << "where the document shows\n"
                  << joined(expected);
}

void Story::putInto(const std::string& place, const Block& block) const {
  const std::string sign = ", before ";
  const std::size_t comma = place.find(sign);
  const auto path = std::filesystem::path(setting_.folder) / place.substr(0, comma);
  std::ifstream in(path);
  std::string text{std::istreambuf_iterator<char>(in), {}};
  const std::size_t before = text.rfind(place.substr(comma + sign.size()));
  if (comma == std::string::npos || before == std::string::npos) {
    ADD_FAILURE() << block.at() << ": " << place << " is no place in " << path;
    return;
  }
  text.insert(text.rfind('\n', before) + 1, block.text);
  std::ofstream(path) << text;
}

testing_support::Command Story::inShell(const std::string& script) const {
  return {{"bash", "-c", "exec 2>&1\n" + kept_ + script}, setting_.environment, setting_.folder};
}

std::string Story::asRun(std::string text) const {
  for (const auto& [documented, run] : setting_.replaced)
    text = replacedAll(std::move(text), documented, run);
  for (const auto& [documented, run] : ids_) text = replacedAll(std::move(text), documented, run);
  return text;
}

std::string Story::asDocumented(std::string text) const {
  for (auto pair = setting_.replaced.rbegin(); pair != setting_.replaced.rend(); ++pair)
    if (!pair->second.empty()) text = replacedAll(std::move(text), pair->second, pair->first);
  return text;
}

/// Tasks by the order in which they are seen first.
void Story::learnIds(const std::string& shown, const std::string& said) {
  const auto idsIn = [](const std::string& text) {
    std::vector<std::string> ids;
    for (std::sregex_iterator it(text.begin(), text.end(), task_id), end; it != end; ++it)
      if (std::find(ids.begin(), ids.end(), it->str()) == ids.end()) ids.push_back(it->str());
    return ids;
  };
  const auto documented = idsIn(shown), run = idsIn(said);
  for (std::size_t i = 0; i < std::min(documented.size(), run.size()); ++i)
    ids_.emplace(documented[i], run[i]);
}

}  // namespace scanhost::docs
