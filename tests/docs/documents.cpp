// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "tests/docs/documents.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <regex>
#include <sstream>

namespace scanhost::docs {
namespace {

namespace fs = std::filesystem;

const std::string note_begin = "<!-- ", note_end = " -->";

std::string trimmed(const std::string& line) {
  const std::size_t first = line.find_first_not_of(' ');
  return first == std::string::npos ? ""
                                    : line.substr(first, line.find_last_not_of(' ') - first + 1);
}

/// Those that end in YAML or JSON, and are of that language.
void addHereDocuments(const Block& block, std::vector<Block>& blocks) {
  static const std::regex opening(".*<<'?(YAML|JSON)'?");
  std::smatch found;
  std::string end;
  int number = 0;
  for (const std::string& line : linesOf(block.text)) {
    ++number;
    if (!end.empty() && line != end) {
      blocks.back().text += line + "\n";
    } else if (!end.empty()) {
      end.clear();
    } else if (std::regex_match(line, found, opening)) {
      end = found[1];
      blocks.push_back(
          {block.document, block.line + number, end == "YAML" ? "yaml" : "json", {}, {}});
    }
  }
}

}  // namespace

bool Block::isUnit() const {
  static const std::regex section(R"(\[(Unit|Service|Timer|Socket|Path|Mount)\][^]*)");
  return language == "ini" && std::regex_match(text, section);
}

std::string Block::noted(const std::string& key) const {
  const std::string all = "; " + note + ";", sign = "; " + key + ": ";
  const std::size_t at = all.find(sign);
  if (at == std::string::npos) return "";
  const std::size_t begin = at + sign.size();
  return all.substr(begin, all.find(';', begin) - begin);
}

std::vector<std::string> linesOf(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  return lines;
}

std::string textOf(const std::string& file) {
  std::ifstream in(fs::path(SCANHOST_SOURCE_DIR) / file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

std::vector<std::string> allDocuments() {
  const fs::path sources = SCANHOST_SOURCE_DIR;
  std::vector<std::string> found = {"README.md", "CONTRIBUTING.md", "SECURITY.md"};
  for (const char* folder : {"docs", "plugins", "sdk", "tests"})
    for (fs::recursive_directory_iterator entry(sources / folder), end; entry != end; ++entry) {
      if (entry->path().filename() == "node_modules") entry.disable_recursion_pending();
      if (entry->path().extension() == ".md")
        found.push_back(fs::relative(entry->path(), sources).string());
    }
  std::sort(found.begin(), found.end());
  return found;
}

std::vector<Block> blocksOf(const std::string& document) {
  std::vector<Block> blocks;
  std::string above;
  std::size_t indent = 0;
  bool inside = false;
  int number = 0;
  for (const std::string& line : linesOf(textOf(document))) {
    ++number;
    const std::string words = trimmed(line);
    if (inside && words == "```") {
      inside = false;
    } else if (inside) {
      blocks.back().text += line.substr(std::min(indent, line.find_first_not_of(' '))) + "\n";
    } else if (words.starts_with("```")) {
      inside = true;
      indent = line.find('`');
      blocks.push_back({document, number, words.substr(3), {}, {}});
      if (above.starts_with(note_begin) && above.ends_with(note_end))
        blocks.back().note =
            above.substr(note_begin.size(), above.size() - note_begin.size() - note_end.size());
    }
    above = words;
  }
  return blocks;
}

const std::vector<Block>& allBlocks() {
  static const std::vector<Block> blocks = [] {
    std::vector<Block> all;
    for (const std::string& document : allDocuments())
      for (const Block& block : blocksOf(document)) {
        all.push_back(block);
        if (block.language == "sh") addHereDocuments(block, all);
      }
    return all;
  }();
  return blocks;
}

}  // namespace scanhost::docs
