// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "plugins/scanner/nessus/member_filter.h"

#include <algorithm>

namespace scanhost::nessus {
namespace {

constexpr std::size_t longest_name = 64;

}  // namespace

void MemberFilter::feed(std::string_view piece, std::string& out) {
  for (const char c : piece)
    if (keeps(c, out)) out += c;
}

bool MemberFilter::keeps(char c, std::string& out) {
  if (in_text_) {
    inText(c);
    return !drops_;
  }
  switch (c) {
    case '"':
      in_text_ = true;
      in_name_ = awaits_name_;
      if (in_name_) name_.clear();
      awaits_name_ = false;
      break;
    case '{':
    case '[':
      if (++depth_ == 1) awaits_name_ = c == '{';
      break;
    case '}':
    case ']':
      if (depth_ > 0 && --depth_ == 0) drops_ = false;
      break;
    case ',':
      if (depth_ != 1) break;
      drops_ = false;
      awaits_name_ = true;
      break;
    case ':':
      if (depth_ != 1 || drops_ || isWanted()) break;
      out += ":null";
      drops_ = true;
      break;
    default: break;
  }
  return !drops_;
}

void MemberFilter::inText(char c) {
  if (in_name_ && name_.size() <= longest_name && (escaped_ || c != '"')) name_ += c;
  if (escaped_) {
    escaped_ = false;
  } else if (c == '\\') {
    escaped_ = true;
  } else if (c == '"') {
    in_text_ = in_name_ = false;
  }
}

bool MemberFilter::isWanted() const {
  return std::find(wanted_.begin(), wanted_.end(), name_) != wanted_.end();
}

}  // namespace scanhost::nessus
