// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "plugins/scanner/nuclei/run_log.h"

#include <scanhost/json.h>

#include <algorithm>
#include <charconv>

namespace scanhost::nuclei {
namespace {

constexpr std::size_t most_line = 4096;  ///< what is longer is passed over

/// Numbers are texts in Nuclei's statistics.
int numberIn(const Json& value) {
  int number = static_cast<int>(value.asInteger(0));
  const std::string& text = value.asString();
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

}  // namespace

void RunLog::feed(std::string_view text) {
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    line_ += text.substr(0, std::min({end, text.size(), most_line - line_.size()}));
    if (end == std::string_view::npos) return;
    endLine();
    line_.clear();
    text.remove_prefix(end + 1);
  }
}

void RunLog::endLine() {
  const auto statistics =
      line_.empty() || line_.front() != '{' ? std::nullopt : Json::tryParse(line_);
  if (!statistics) return complaint_.add(line_ + "\n");
  had_templates_ = had_templates_ || numberIn((*statistics)["templates"]) > 0;
  if (statistics->has("percent")) progress_(std::clamp(numberIn((*statistics)["percent"]), 0, 99));
}

}  // namespace scanhost::nuclei
