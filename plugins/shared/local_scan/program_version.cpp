// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "plugins/shared/local_scan/program_version.h"

#include <algorithm>

#include "plugins/shared/local_scan/complaint.h"

namespace scanhost::local_scan {
namespace {

constexpr std::size_t most_banner = 4096;

std::string wordAfter(const std::string& banner, std::string_view before) {
  const std::size_t at = banner.find(before);
  if (at == std::string::npos) return {};
  const std::size_t begin = at + before.size();
  return banner.substr(begin, banner.find_first_of(" \r\n", begin) - begin);
}

}  // namespace

std::string programVersion(const Host& host, Call& call, ProgramSpec spec, std::string_view before,
                           std::string_view program_name) {
  std::string banner;
  spec.output = [&](std::string_view text) {
    banner.append(text.substr(0, most_banner - std::min(banner.size(), most_banner)));
  };
  spec.error_output = spec.output;
  const ProgramEnd end = runProgram(host, call, spec);
  std::string version = wordAfter(banner, before);
  if (end.exit_code != 0 || version.empty()) {
    std::string words = spec.program;
    for (const std::string& word : spec.arguments) words += " " + word;
    throw PluginError(ErrorClass::config,
                      words + " " + howItEnded(end) + " and does not call itself " +
                          std::string(program_name) + "; set program to its path",
                      ErrorSubject::backend);
  }
  return version;
}

}  // namespace scanhost::local_scan
