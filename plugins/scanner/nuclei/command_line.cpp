// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "plugins/scanner/nuclei/command_line.h"

#include "plugins/shared/settings/setting_reader.h"

namespace scanhost::nuclei {
std::vector<std::string> arguments(const Config& config, const ScanOptions& options) {
  std::vector<std::string> list{"-jsonl",
                                "-silent",
                                "-no-color",
                                "-omit-raw",
                                "-omit-template",  // whole exchanges would make lines of any length
                                "-disable-update-check",
                                "-disable-redirects",  // an answer may lead to another host
                                "-exclude-tags",
                                "dos",
                                "-templates",
                                config.templates,
                                "-rate-limit",
                                std::to_string(options.rate_limit),
                                "-timeout",
                                std::to_string(options.request_timeout.count()),
                                "-stats",
                                "-stats-json",
                                "-stats-interval",
                                "5"};
  if (!config.interactsh) list.emplace_back("-no-interactsh");
  if (!options.severities.empty())
    list.insert(list.end(), {"-severity", joined(options.severities)});
  if (!options.tags.empty()) list.insert(list.end(), {"-tags", joined(options.tags)});
  return list;
}

Pairs environment(const Config& config, const std::filesystem::path& folder) {
  return {{"PATH", "/usr/bin:/bin"},
          {"HOME", folder.string()},
          {"NUCLEI_TEMPLATES_DIR", config.templates}};  // else it looks for them in HOME
}

}  // namespace scanhost::nuclei
