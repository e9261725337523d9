// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "plugins/shared/local_scan/complaint.h"

#include <algorithm>

namespace scanhost::local_scan {
namespace {

constexpr std::size_t most_complaint = 2048;  ///< bytes of standard error kept for a message

}  // namespace

void Complaint::add(std::string_view text) {
  text_ += text.substr(text.size() - std::min(text.size(), most_complaint));
  if (text_.size() > most_complaint) text_.erase(0, text_.size() - most_complaint);
}

std::string Complaint::line() const {
  std::string line = text_;
  for (char& c : line)
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F) c = ' ';
  while (!line.empty() && line.back() == ' ') line.pop_back();
  return line.empty() ? "it said nothing" : line;
}

std::string howItEnded(const ProgramEnd& end) {
  return end.signal != 0 ? "was ended by signal " + std::to_string(end.signal)
                         : "ended with exit code " + std::to_string(end.exit_code);
}

}  // namespace scanhost::local_scan
