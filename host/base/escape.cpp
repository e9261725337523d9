// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "host/base/escape.h"

#include <scanhost/json.h>

#include <array>
#include <cstdio>
#include <iterator>

namespace scanhost {
namespace {

struct CodeRange {
  std::uint32_t first, last;
};

/// Characters without a shape of their own that change how others are read.
constexpr CodeRange deceptive[] = {
    {0x00AD, 0x00AD},    // soft hyphen
    {0x061C, 0x061C},    // Arabic letter mark
    {0x115F, 0x1160},    // Hangul fillers
    {0x180E, 0x180E},    // Mongolian vowel separator
    {0x200B, 0x200F},    // zero width, direction marks
    {0x2028, 0x202E},    // line separators, direction overrides
    {0x2060, 0x206F},    // word joiner, isolates
    {0x3164, 0x3164},    // Hangul filler
    {0xFE00, 0xFE0F},    // variation selectors
    {0xFEFF, 0xFEFF},    // byte order mark
    {0xFFF9, 0xFFFB},    // interlinear annotation
    {0xE0000, 0xE0FFF},  // tags
};

bool isHarmful(std::uint32_t point) {
  if (point < 0x20 || (point >= 0x7F && point < 0xA0)) return true;
  for (const CodeRange& range : deceptive)
    if (point >= range.first && point <= range.last) return true;
  return false;
}

void appendEscape(std::string& out, std::uint32_t point) {
  std::array<char, 16> text;
  const char* format = point < 0x80 ? "\\x%02x" : "\\u{%x}";
  std::snprintf(text.data(), text.size(), format, static_cast<unsigned>(point));
  out += text.data();
}

bool startsFormula(std::string_view text) {
  const auto first = text.find_first_not_of(" \t\r\n");
  if (first == std::string_view::npos) return false;
  if (std::string_view("=+-@").find(text[first]) != std::string_view::npos) return true;
  if (text.front() == '\t' || text.front() == '\r') return true;
  for (const std::string_view wide : {"＝", "＋", "－", "＠"})
    if (text.substr(first, wide.size()) == wide) return true;
  return false;
}

}  // namespace

std::string forTerminal(std::string_view text, Lines lines) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t at = 0; at < text.size();) {
    std::uint32_t point = 0;
    const std::size_t length = detail::decodeUtf8(text, at, point);
    if (length == 0) {
      std::array<char, 8> byte;
      std::snprintf(byte.data(), byte.size(), "\\x%02x", static_cast<unsigned char>(text[at++]));
      out += byte.data();
      continue;
    }
    const bool kept_break = lines == Lines::keep && (point == '\n' || point == '\t');
    if (isHarmful(point) && !kept_break)
      appendEscape(out, point);
    else
      out.append(text, at, length);
    at += length;
  }
  return out;
}

std::string csvText(std::string_view text) {
  const std::string safe = (startsFormula(text) ? "'" : "") + forTerminal(text, Lines::keep);
  if (safe.find_first_of("\",\n\t") == std::string::npos) return safe;
  std::string quoted = "\"";
  for (const char c : safe) {
    if (c == '"') quoted += '"';
    quoted += c;
  }
  return quoted + '"';
}

std::size_t displayWidth(std::string_view text) {
  std::size_t width = 0;
  for (const char c : text) width += (static_cast<unsigned char>(c) & 0xC0) != 0x80;
  return width;
}

std::string cutToWidth(std::string_view text, std::size_t width) {
  if (displayWidth(text) <= width) return std::string(text);
  if (width == 0) return "";
  std::size_t kept = 0;
  std::size_t at = 0;
  while (at < text.size() && kept + 1 < width) {
    ++at;
    while (at < text.size() && (static_cast<unsigned char>(text[at]) & 0xC0) == 0x80) ++at;
    ++kept;
  }
  return std::string(text.substr(0, at)) + "…";
}

}  // namespace scanhost
