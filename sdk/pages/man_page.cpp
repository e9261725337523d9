// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "sdk/pages/command_page.h"
#include "sdk/pages/command_tree.h"
#include "sdk/pages/roff.h"

namespace scanhost::pages {
namespace {

std::string bold(const std::string& text) {
  return "\\fB" + roff(text) + "\\fR";
}

std::string italic(const std::string& text) {
  return "\\fI" + roff(text) + "\\fR";
}

std::string spelled(const OptionFacts& option) {
  if (!option.positional.empty()) return italic(option.positional);
  std::vector<std::string> names;
  for (const std::string& name : option.names) names.push_back(bold(name));
  return joined(names, ", ") +
         (option.value == ValueKind::none ? "" : " " + italic(option.value_name));
}

/// `--help` of each command goes without saying.
std::string optionList(const CLI::App& app) {
  std::string out;
  for (const OptionFacts& option : optionsOf(app))
    if (app.get_parent() == nullptr || app.get_help_ptr() == nullptr ||
        option.help != app.get_help_ptr()->get_description())
      out += ".TP\n" + spelled(option) + "\n" + roff(option.help) + "\n";
  return out;
}

/// "scanhostctl dlq redrive [OPTIONS] [TASK]"
std::string usage(const CLI::App& app, const std::string& program,
                  const std::vector<std::string>& path) {
  std::string line = bold(program);
  for (const std::string& word : path) line += " " + bold(word);
  std::string positional;
  bool options = false;
  for (const OptionFacts& option : optionsOf(app)) {
    options = options || option.positional.empty();
    if (option.positional.empty()) continue;
    const std::string name = italic(option.positional) + (option.repeated ? "..." : "");
    positional += " " + (option.required ? name : "[" + name + "]");
  }
  if (options) line += " [" + italic("OPTIONS") + "]";
  line += positional;
  if (!commandsOf(app).empty()) line += " " + italic("COMMAND");
  return line;
}

std::string commandList(const CLI::App& app, const PageTexts& texts) {
  std::string out;
  forEachCommand(app, [&](const CLI::App& command, const std::vector<std::string>& path) {
    if (path.empty() || !commandsOf(command).empty()) return;
    out += ".SS \"" + roff(texts.program + " " + joined(path)) + "\"\n" +
           roff(command.get_description()) + ".\n.PP\n" + usage(command, texts.program, path) +
           "\n" + optionList(command);
  });
  return out.empty() ? "" : ".SH COMMANDS\n" + out;
}

std::string upper(std::string text) {
  for (char& letter : text) letter = static_cast<char>(std::toupper(letter));
  return text;
}

}  // namespace

std::string manPage(const CLI::App& app, const PageTexts& texts) {
  std::string out = ".\\\" Made of the command line's own description; changes belong there.\n";
  out += ".TH " + roff(upper(texts.program)) + " " + std::to_string(texts.section) +
         " \"\" \"scanhost " + texts.version + "\" \"scanhost\"\n";
  out += ".SH NAME\n" + roff(texts.program) + " \\- " + roff(texts.summary) + "\n";
  out += ".SH SYNOPSIS\n" + usage(app, texts.program, {}) + "\n";
  out += ".SH DESCRIPTION\n" + texts.description + "\n";
  out += ".SH OPTIONS\n" + optionList(app);
  out += commandList(app, texts);
  for (const PageSection& section : texts.sections)
    out += ".SH " + section.title + "\n" + section.text + "\n";
  return out;
}

}  // namespace scanhost::pages
