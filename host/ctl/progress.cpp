// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "host/ctl/progress.h"

#include <algorithm>

namespace scanhost::ctl {
namespace {

constexpr const char* clear_line = "\r\x1b[2K";
constexpr const char* plain = "\x1b[0m";

const char* colourOf(const std::string& word) {
  if (word == "completed" || word == "ok") return "\x1b[32m";
  if (word == "failed" || word == "timeout" || word == "cancelled") return "\x1b[31m";
  return "\x1b[36m";
}

}  // namespace

std::string progressBar(int percent, int width) {
  const int filled = std::clamp(percent, 0, 100) * width / 100;
  return "[" + std::string(static_cast<std::size_t>(filled), '#') +
         std::string(static_cast<std::size_t>(width - filled), '.') + "]";
}

void ProgressLine::show(const std::string& word, const std::string& rest) {
  const std::string line = coloured(word) + (rest.empty() ? "" : " " + rest);
  if (style_.redraw) {
    out_ << clear_line << line << std::flush;
    open_ = true;
  } else if (line != last_) {
    out_ << line << std::endl;
  }
  last_ = line;
}

void ProgressLine::end() {
  if (open_) out_ << std::endl;
  open_ = false;
}

std::string ProgressLine::coloured(const std::string& word) const {
  return style_.colour ? colourOf(word) + word + plain : word;
}

}  // namespace scanhost::ctl
