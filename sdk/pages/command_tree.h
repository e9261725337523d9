// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// What pages and completions need of a command line: its commands as paths of words, and of each
/// option what a shell can offer for its value.
#pragma once

#include <CLI/CLI.hpp>
#include <functional>
#include <string>
#include <vector>

namespace scanhost::pages {

/// What may stand for a value.
enum class ValueKind { none, anything, file, folder, task, choice };

struct OptionFacts {
  std::vector<std::string> names;  ///< "--config", "-h"; empty of a positional one
  std::string positional;          ///< its name; empty of an option
  std::string help;
  std::string value_name;  ///< "FILE"; empty of a flag
  ValueKind value = ValueKind::none;
  std::vector<std::string> choices;
  bool required = false, repeated = false;
};

/// Those that --help shows, positional ones first.
std::vector<OptionFacts> optionsOf(const CLI::App& app);

/// Commands right below, in the order they were added.
std::vector<const CLI::App*> commandsOf(const CLI::App& app);

/// The program itself and every command below it, parents first; `path` holds the words after the
/// program's name.
void forEachCommand(
    const CLI::App& app,
    const std::function<void(const CLI::App&, const std::vector<std::string>& path)>& visit);

std::string joined(const std::vector<std::string>& words, const std::string& separator = " ");

}  // namespace scanhost::pages
