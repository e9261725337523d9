// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "sdk/pages/command_tree.h"

#include <algorithm>

namespace scanhost::pages {
namespace {

/// Of "TEXT:{table,json}": table and json.
std::vector<std::string> choicesIn(const std::string& type) {
  const auto open = type.find('{'), close = type.rfind('}');
  if (open == type.npos || close == type.npos || close < open) return {};
  return CLI::detail::split(type.substr(open + 1, close - open - 1), ',');
}

bool endsWith(const std::string& text, const std::string& end) {
  return text.size() >= end.size() && text.compare(text.size() - end.size(), end.size(), end) == 0;
}

ValueKind kindOf(const OptionFacts& option) {
  const std::string name = option.positional.empty() ? option.names.back() : option.positional;
  if (!option.choices.empty()) return ValueKind::choice;
  if (name == "task" || name == "base" || name == "--task") return ValueKind::task;
  if (endsWith(name, "dir") || name == "folder") return ValueKind::folder;
  for (const char* end :
       {"file", "config", "socket", "recording", "output", "scanners", "env", "out", "ca"})
    if (endsWith(name, end)) return ValueKind::file;
  return ValueKind::anything;
}

std::string valueName(const CLI::Option& option, const OptionFacts& facts) {
  if (!facts.choices.empty()) return joined(facts.choices, "|");
  std::string type = option.get_type_name();
  const auto colon = type.find(':');
  if (colon != type.npos) type = type.substr(colon + 1);
  if (type.empty() || type == "TEXT")
    return facts.value == ValueKind::file     ? "FILE"
           : facts.value == ValueKind::folder ? "FOLDER"
                                              : "TEXT";
  return type;
}

OptionFacts factsOf(const CLI::Option& option) {
  OptionFacts facts;
  for (const std::string& name : option.get_snames()) facts.names.push_back("-" + name);
  for (const std::string& name : option.get_lnames()) facts.names.push_back("--" + name);
  if (facts.names.empty()) facts.positional = option.get_name(true);
  facts.help = option.get_description();
  facts.required = option.get_required();
  facts.repeated = option.get_items_expected_max() > 1;
  if (option.get_items_expected_max() == 0) return facts;
  facts.choices = choicesIn(option.get_type_name());
  facts.value = kindOf(facts);
  facts.value_name = valueName(option, facts);
  return facts;
}

void visitBelow(
    const CLI::App& app, std::vector<std::string>& path,
    const std::function<void(const CLI::App&, const std::vector<std::string>& path)>& visit) {
  visit(app, path);
  for (const CLI::App* command : commandsOf(app)) {
    path.push_back(command->get_name());
    visitBelow(*command, path, visit);
    path.pop_back();
  }
}

}  // namespace

std::vector<OptionFacts> optionsOf(const CLI::App& app) {
  std::vector<OptionFacts> all;
  for (const CLI::Option* option :
       app.get_options([](const CLI::Option* one) { return !one->get_group().empty(); }))
    all.push_back(factsOf(*option));
  std::stable_partition(all.begin(), all.end(),
                        [](const OptionFacts& option) { return !option.positional.empty(); });
  return all;
}

std::vector<const CLI::App*> commandsOf(const CLI::App& app) {
  return app.get_subcommands([](const CLI::App* one) { return !one->get_group().empty(); });
}

void forEachCommand(
    const CLI::App& app,
    const std::function<void(const CLI::App&, const std::vector<std::string>& path)>& visit) {
  std::vector<std::string> path;
  visitBelow(app, path, visit);
}

std::string joined(const std::vector<std::string>& words, const std::string& separator) {
  return CLI::detail::join(words, separator);
}

}  // namespace scanhost::pages
