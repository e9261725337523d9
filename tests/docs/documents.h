// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// The documents of the sources, and the code blocks in them.
#pragma once

#include <string>
#include <vector>

namespace scanhost::docs {

/// What stands between two fences, less the indentation of the first.
struct Block {
  std::string document;  ///< "docs/how-to/install.md"
  int line = 0;          ///< of the opening fence
  std::string language;
  /// What an HTML comment right above says of it: "in: scanners[].config of scanner-nessus".
  /// Readers of the rendered document do not see it.
  std::string note;
  std::string text;

  /// "docs/how-to/install.md:12", of a line of `text`, from 1.
  std::string at(int line_of_text = 0) const {
    return document + ":" + std::to_string(line + line_of_text);
  }
  /// Whether it is a unit of systemd, or a drop-in for one.
  bool isUnit() const;
  /// The text behind that key in the note; empty where it says nothing of it.
  std::string noted(const std::string& key) const;
};

/// README.md and what else people read, by their paths in the sources.
std::vector<std::string> allDocuments();
std::string textOf(const std::string& file);
std::vector<Block> blocksOf(const std::string& document);
/// Of all documents; here-documents that end in YAML or JSON are blocks, too.
const std::vector<Block>& allBlocks();

/// Its lines without their ends.
std::vector<std::string> linesOf(const std::string& text);

}  // namespace scanhost::docs
