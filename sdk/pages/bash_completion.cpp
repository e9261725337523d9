// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "sdk/pages/command_page.h"
#include "sdk/pages/command_tree.h"

namespace scanhost::pages {
namespace {

/// What the shell offers for the value of an option or a positional argument.
std::string offer(const OptionFacts& option, const std::string& program) {
  switch (option.value) {
    case ValueKind::file: return "compgen -f -- \"$cur\"";
    case ValueKind::folder: return "compgen -d -- \"$cur\"";
    case ValueKind::task: return "compgen -W \"$(_" + program + "_tasks)\" -- \"$cur\"";
    case ValueKind::choice: return "compgen -W \"" + joined(option.choices) + "\" -- \"$cur\"";
    default: return ":";
  }
}

/// "scanhost-plugin" is no name of a function everywhere.
std::string functionName(const std::string& program) {
  std::string name = program;
  for (char& letter : name)
    if (letter == '-') letter = '_';
  return name;
}

/// One branch: after `path`, what an option's value may be, else commands, options and arguments.
std::string branch(const CLI::App& root, const CLI::App& command,
                   const std::vector<std::string>& path, const std::string& function) {
  std::vector<std::string> words;
  std::string values, arguments;
  for (const CLI::App* below : commandsOf(command)) words.push_back(below->get_name());
  const auto take = [&](const std::vector<OptionFacts>& options) {
    for (const OptionFacts& option : options) {
      for (const std::string& name : option.names)
        if (std::find(words.begin(), words.end(), name) == words.end()) words.push_back(name);
      const std::string offered = offer(option, function);
      if (!option.positional.empty() && offered != ":")
        arguments += "      COMPREPLY+=($(" + offered + "))\n";
      if (!option.names.empty() && option.value != ValueKind::none)
        values += "        " + joined(option.names, "|") + ") COMPREPLY=($(" + offered +
                  ")); return ;;\n";
    }
  };
  take(optionsOf(command));
  if (&root != &command) take(optionsOf(root));
  std::string out = "    \"" + joined(path) + "\")\n";
  if (!values.empty()) out += "      case \"$prev\" in\n" + values + "      esac\n";
  out += "      COMPREPLY=($(compgen -W \"" + joined(words) + "\" -- \"$cur\"))\n" + arguments;
  return out + "      ;;\n";
}

}  // namespace

std::string bashCompletion(const CLI::App& app, const std::string& program) {
  const std::string function = functionName(program);
  std::string paths, branches;
  bool tasks = false;
  forEachCommand(app, [&](const CLI::App& command, const std::vector<std::string>& path) {
    for (const OptionFacts& option : optionsOf(command))
      tasks = tasks || option.value == ValueKind::task;
    if (!path.empty())
      paths += "      \"" + joined(path) + "\") path=\"" + joined(path) + "\" ;;\n";
    branches += branch(app, command, path, function);
  });
  std::string out = "# Made of " + program + "'s own description of its command line.\n";
  if (tasks)
    out += "_" + function + "_tasks() {\n  " + program +
           " tasks --limit 200 --timeout 2s --output csv 2>/dev/null | tail -n +2 | cut -d, -f1\n"
           "}\n";
  out += "_" + function +
         "() {\n"
         "  local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]} path='' i\n"
         "  for ((i = 1; i < COMP_CWORD; ++i)); do\n"
         "    case \"${path:+$path }${COMP_WORDS[i]}\" in\n" +
         paths +
         "    esac\n"
         "  done\n"
         "  COMPREPLY=()\n"
         "  case \"$path\" in\n" +
         branches +
         "  esac\n"
         "}\n"
         "complete -o filenames -o bashdefault -F _" +
         function + " " + program + "\n";
  return out;
}

}  // namespace scanhost::pages
