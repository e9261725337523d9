// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "tests/integration/documents.h"

#include <fstream>
#include <iterator>
#include <regex>
#include <sstream>

namespace scanhost::integration {

std::string sourceText(const std::string& file) {
  std::ifstream in(std::string(SCANHOST_SOURCE_DIR) + "/" + file);
  return {std::istreambuf_iterator<char>(in), {}};
}

std::set<std::string> documentedNames(const std::string& heading) {
  std::istringstream text(sourceText("docs/reference/metrics-and-events.md"));
  const std::regex name("`([a-z_-]+)(\\.\\.\\.)?`");
  std::set<std::string> names;
  std::string prefix;
  bool inside = false, in_table = false;
  for (std::string line; std::getline(text, line);) {
    if (line.starts_with("#")) inside = line.find("# " + heading) != std::string::npos;
    const bool is_head = !in_table;
    in_table = line.starts_with("|");
    if (!inside || !in_table) continue;
    if (is_head) prefix.clear();
    const std::string column = line.substr(0, line.find('|', 1));
    for (std::sregex_iterator it(column.begin(), column.end(), name), last; it != last; ++it)
      if (is_head)
        prefix = (*it)[1];
      else
        names.insert(prefix + (*it)[1].str());
  }
  return names;
}

}  // namespace scanhost::integration
