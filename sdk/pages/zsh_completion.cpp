// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "sdk/pages/command_page.h"
#include "sdk/pages/command_tree.h"

namespace scanhost::pages {
namespace {

std::string functionName(const std::string& program, const std::vector<std::string>& path) {
  std::string name = "_" + program;
  for (const std::string& word : path) name += "_" + word;
  for (char& letter : name)
    if (letter == '-') letter = '_';
  return name;
}

/// Help inside a spec of _arguments, which stands in single quotes: zshcompsys(1).
std::string help(const std::string& text) {
  std::string out;
  for (const char letter : text) {
    if (letter == '\'') {
      out += "'\\''";
      continue;
    }
    if (letter == '[' || letter == ']' || letter == ':' || letter == '\\') out += '\\';
    out += letter;
  }
  return out;
}

std::string action(const OptionFacts& option, const std::string& program) {
  switch (option.value) {
    case ValueKind::file: return "_files";
    case ValueKind::folder: return "_files -/";
    case ValueKind::task: return functionName(program, {"tasks_there_are"});
    case ValueKind::choice: return "(" + joined(option.choices) + ")";
    default: return " ";
  }
}

std::string spec(const OptionFacts& option, const std::string& program, std::size_t& position) {
  const std::string value = option.value == ValueKind::none
                                ? ""
                                : ":" + help(option.value_name) + ":" + action(option, program);
  if (!option.positional.empty()) {
    const std::string place = option.repeated ? "*" : std::to_string(++position);
    return "    '" + place + (option.required || option.repeated ? "" : ":") + ":" +
           help(option.positional) + ":" + action(option, program) + "'\n";
  }
  std::string out;
  for (const std::string& name : option.names)
    out += "    '" + std::string(option.repeated ? "*" : "") + name + "[" + help(option.help) +
           "]" + value + "'\n";
  return out;
}

std::string specs(const std::vector<OptionFacts>& options, const std::string& program) {
  std::string out;
  std::size_t position = 0;
  for (const OptionFacts& option : options) out += spec(option, program, position);
  return out;
}

/// A command's own options, then those of the program that may stand after it.
std::vector<OptionFacts> optionsAfter(const CLI::App& command, const CLI::App& app) {
  std::vector<OptionFacts> all = optionsOf(command);
  const std::size_t own = all.size();
  for (OptionFacts& option : optionsOf(app)) {
    const auto same = [&](const OptionFacts& other) { return other.names == option.names; };
    if (std::none_of(all.begin(), all.begin() + static_cast<std::ptrdiff_t>(own), same))
      all.push_back(std::move(option));
  }
  return all;
}

/// `specs`, a line each, as arguments of _arguments.
std::string arguments(const std::string& specs) {
  std::string out = "  _arguments -C -s";
  for (std::size_t at = 0; at < specs.size();) {
    const std::size_t end = specs.find('\n', at);
    out += " \\\n" + specs.substr(at, end - at);
    at = end + 1;
  }
  return out + "\n";
}

/// A command with others below it: names them, and hands on to the function of the one that was
/// typed.
std::string dispatcher(const CLI::App& app, const std::string& program,
                       const std::vector<std::string>& path) {
  std::string words, cases;
  for (const CLI::App* below : commandsOf(app)) {
    words += "    '" + help(below->get_name()) + ":" + help(below->get_description()) + "'\n";
    std::vector<std::string> deeper = path;
    deeper.push_back(below->get_name());
    cases += "      " + below->get_name() + ") " + functionName(program, deeper) + " ;;\n";
  }
  return functionName(program, path) + "() {\n  local curcontext=$curcontext state line\n" +
         "  local -a commands=(\n" + words + "  )\n" +
         arguments(specs(optionsOf(app), program) +
                   "    '1:command:->command'\n    '*::argument:->argument'\n") +
         "  case $state in\n    command) _describe command commands ;;\n    argument)\n      case "
         "$line[1] in\n" +
         cases + "      esac ;;\n  esac\n}\n";
}

}  // namespace

std::string zshCompletion(const CLI::App& app, const std::string& program) {
  std::string out = "#compdef " + program + "\n# Made of " + program +
                    "'s own description of its command line.\n";
  bool tasks = false;
  forEachCommand(app, [&](const CLI::App& command, const std::vector<std::string>& path) {
    for (const OptionFacts& option : optionsOf(command))
      tasks = tasks || option.value == ValueKind::task;
    out += commandsOf(command).empty() && !path.empty()
               ? functionName(program, path) + "() {\n" +
                     arguments(specs(optionsAfter(command, app), program)) + "}\n"
               : dispatcher(command, program, path);
  });
  if (tasks)
    out += functionName(program, {"tasks_there_are"}) + "() {\n  local -a tasks=(${(f)\"$(" +
           program +
           " tasks --limit 200 --timeout 2s --output csv 2>/dev/null | tail -n +2 | cut -d, "
           "-f1)\"})\n  compadd -a tasks\n}\n";
  return out + functionName(program, {}) + " \"$@\"\n";
}

}  // namespace scanhost::pages
