// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "sdk/pages/command_page.h"
#include "sdk/pages/command_tree.h"

namespace scanhost::pages {
namespace {

std::string inQuotes(const std::string& text) {
  std::string out = "'";
  for (const char letter : text) {
    if (letter == '\'' || letter == '\\') out += '\\';
    out += letter;
  }
  return out + "'";
}

/// The condition under which a command's own words are offered.
std::string within(const CLI::App& command, const std::vector<std::string>& path) {
  std::string condition;
  for (const std::string& word : path)
    condition += (condition.empty() ? "" : "; and ") + ("__fish_seen_subcommand_from " + word);
  std::vector<std::string> below;
  for (const CLI::App* one : commandsOf(command)) below.push_back(one->get_name());
  // Not __fish_use_subcommand, which takes the value of an option for a command.
  if (!below.empty())
    condition +=
        (condition.empty() ? "" : "; and ") + ("not __fish_seen_subcommand_from " + joined(below));
  return condition.empty() ? "" : " -n " + inQuotes(condition);
}

std::string value(const OptionFacts& option, const std::string& program) {
  switch (option.value) {
    case ValueKind::none: return "";
    case ValueKind::file: return " -r -F";
    case ValueKind::folder: return " -x -a '(__fish_complete_directories)'";
    case ValueKind::task:
      return " -x -a '(" + program +
             " tasks --limit 200 --timeout 2s --output csv 2>/dev/null | tail -n +2 | cut -d, "
             "-f1)'";
    case ValueKind::choice: return " -x -a " + inQuotes(joined(option.choices));
    case ValueKind::anything: break;
  }
  return " -x";
}

std::string line(const OptionFacts& option, const std::string& program,
                 const std::string& condition) {
  std::string out = "complete -c " + program + condition;
  if (!option.positional.empty()) {
    const std::string offered = value(option, program);
    return offered == " -x" ? "" : out + " -d " + inQuotes(option.help) + offered + "\n";
  }
  for (const std::string& name : option.names)
    out += name.compare(0, 2, "--") == 0 ? " -l " + name.substr(2) : " -s " + name.substr(1);
  return out + " -d " + inQuotes(option.help) + value(option, program) + "\n";
}

}  // namespace

std::string fishCompletion(const CLI::App& app, const std::string& program) {
  std::string out = "# Made of " + program + "'s own description of its command line.\n";
  out += "complete -c " + program + " -f\n";
  forEachCommand(app, [&](const CLI::App& command, const std::vector<std::string>& path) {
    const std::string condition = within(command, path);
    for (const CLI::App* below : commandsOf(command))
      out += "complete -c " + program + condition + " -a " + below->get_name() + " -d " +
             inQuotes(below->get_description()) + "\n";
    // What belongs to the program itself may stand after a command, too.
    for (const OptionFacts& option : optionsOf(command))
      out += line(option, program, path.empty() ? "" : condition);
  });
  return out;
}

}  // namespace scanhost::pages
