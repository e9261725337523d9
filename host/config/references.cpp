// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "host/config/references.h"

#include <algorithm>
#include <cctype>

namespace scanhost {
namespace {

/// Where the `}` stands that closes a reference whose inside starts at `at`.
std::size_t closingBrace(std::string_view text, std::size_t at) {
  for (int depth = 1; at < text.size(); ++at) {
    if (text.substr(at, 2) == "${") ++depth;
    if (text[at] == '}' && --depth == 0) return at;
  }
  return std::string_view::npos;
}

void addText(std::vector<TextPiece>& pieces, std::string_view text) {
  if (pieces.empty() || pieces.back().kind != TextPiece::Kind::text) pieces.emplace_back();
  pieces.back().text += text;
}

}  // namespace

Result<std::vector<TextPiece>> splitReferences(std::string_view text) {
  std::vector<TextPiece> pieces;
  for (std::size_t at = 0; at < text.size();) {
    if (text.substr(at, 3) == "$${") {
      addText(pieces, "${");
      at += 3;
    } else if (text.substr(at, 2) == "${") {
      const std::size_t end = closingBrace(text, at + 2);
      if (end == text.npos)
        return fail(ErrorClass::config, "a '${' without its '}'; write $${ for a literal one");
      pieces.push_back(
          {TextPiece::Kind::reference, std::string(text.substr(at + 2, end - at - 2))});
      at = end + 1;
    } else {
      addText(pieces, text.substr(at++, 1));
    }
  }
  return pieces;
}

Result<VariableReference> readVariable(std::string_view inside) {
  const std::size_t mark = inside.find(":-");
  VariableReference out{std::string(inside.substr(0, mark)), std::nullopt};
  if (mark != inside.npos) out.fallback = inside.substr(mark + 2);
  if (isVariableName(out.name)) return out;
  return fail(ErrorClass::config,
              "no variable's name between '${' and '}'; names are letters, digits and '_'");
}

bool isVariableName(std::string_view name) {
  const auto letter = [](unsigned char c) { return std::isalnum(c) || c == '_'; };
  return !name.empty() && !std::isdigit(static_cast<unsigned char>(name.front())) &&
         std::all_of(name.begin(), name.end(), letter);
}

std::string escapeReferences(std::string_view text) {
  std::string out;
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (text.substr(at, 2) == "${") out += '$';
    out += text[at];
  }
  return out;
}

}  // namespace scanhost
