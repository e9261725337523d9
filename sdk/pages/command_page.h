// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// A program's man page and shell completions, made of the command line that it describes to CLI11:
/// what --help says and what these say cannot differ.
#pragma once

#include <CLI/CLI.hpp>
#include <string>
#include <vector>

namespace scanhost::pages {

/// What a man page says beside commands and options.
struct PageSection {
  std::string title;  ///< "EXIT STATUS"
  std::string text;   ///< roff, as man(7) has it
};

struct PageTexts {
  std::string program;                ///< "scanhostctl"
  int section = 1;                    ///< of the manual
  std::string version;                ///< "0.1.0"
  std::string summary;                ///< for NAME: one line without a full stop
  std::string description;            ///< roff
  std::vector<PageSection> sections;  ///< after the options, in this order
};

/// Adds the hidden option `--print-page KIND` (man, bash, zsh or fish). Given, parsing ends with
/// CLI::Success, and `page` holds the page. `app`, `texts` and `page` outlive the parsing, and
/// whatever is added to `app` afterwards is in the page, too.
void addPageOption(CLI::App& app, const PageTexts& texts, std::string& page);

/// In the format of man(7).
std::string manPage(const CLI::App& app, const PageTexts& texts);
std::string bashCompletion(const CLI::App& app, const std::string& program);
std::string zshCompletion(const CLI::App& app, const std::string& program);
std::string fishCompletion(const CLI::App& app, const std::string& program);

}  // namespace scanhost::pages
