// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// The line of an event, whatever its texts and fields are: one line of strict JSON with unique
/// names, the five of every event first, and nothing of what was given among them.
///
/// Input: component, event and trace id in a line each, then fields: each a name and a value, in
/// lines of their own. A value that begins with '#' and a number stands for an array nested so
/// deep, one that is JSON for itself, any other for its text.
#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <set>
#include <string>

#include "host/telemetry/event_log.h"
#include "tests/fuzz/fuzz_target.h"

namespace scanhost::fuzz {
namespace {

constexpr std::array<std::string_view, 5> head{"timestamp", "level", "component", "event",
                                               "trace_id"};
constexpr unsigned max_depth = 40;

Json valueOf(std::string_view text) {
  if (text.starts_with('#')) {
    unsigned depth = 0;
    std::from_chars(text.data() + 1, text.data() + text.size(), depth);
    Json value = std::string(text);
    for (depth = std::min(depth, max_depth); depth > 0; --depth) {
      Json outer = Json::array();
      outer.push(std::move(value));
      value = std::move(outer);
    }
    return value;
  }
  auto value = Json::tryParse(text, {.depth = max_depth});
  return value ? std::move(*value) : Json(std::string(text));
}

/// Strict by RFC 8259, and stricter: control characters, bad UTF-8 and repeated names are refused.
class StrictReader {
 public:
  explicit StrictReader(std::string_view text) : text_(text) {}

  bool read() { return value(0) && at_ == text_.size(); }

 private:
  bool value(unsigned depth) {
    if (depth > 2 * max_depth + 64 || at_ >= text_.size()) return false;
    switch (text_[at_]) {
      case '{': return members(depth);
      case '[': return items(depth);
      case '"': return string(nullptr);
      case 't': return word("true");
      case 'f': return word("false");
      case 'n': return word("null");
      default: return number();
    }
  }
  bool take(char wanted) {
    if (at_ >= text_.size() || text_[at_] != wanted) return false;
    ++at_;
    return true;
  }
  bool word(std::string_view wanted) {
    if (!text_.substr(at_).starts_with(wanted)) return false;
    at_ += wanted.size();
    return true;
  }
  bool digits() {
    const std::size_t begin = at_;
    while (at_ < text_.size() && text_[at_] >= '0' && text_[at_] <= '9') ++at_;
    return at_ > begin;
  }
  bool number() {
    take('-');
    if (!take('0') && !digits()) return false;
    if (take('.') && !digits()) return false;
    if (!take('e') && !take('E')) return true;
    if (!take('+')) take('-');
    return digits();
  }
  bool items(unsigned depth) {
    take('[');
    if (take(']')) return true;
    do
      if (!value(depth + 1)) return false;
    while (take(','));
    return take(']');
  }
  bool members(unsigned depth) {
    take('{');
    if (take('}')) return true;
    std::set<std::string> names;
    do {
      std::string name;
      if (!string(&name) || !take(':') || !value(depth + 1)) return false;
      if (depth == 0 && !names.insert(std::move(name)).second) return false;
    } while (take(','));
    return take('}');
  }
  bool string(std::string* raw) {
    if (!take('"')) return false;
    const std::size_t begin = at_;
    while (at_ < text_.size() && text_[at_] != '"') {
      const auto byte = static_cast<unsigned char>(text_[at_]);
      if (byte < 0x20) return false;
      if (byte == '\\' ? !escape() : !character()) return false;
    }
    if (raw) *raw = text_.substr(begin, at_ - begin);
    return take('"');
  }
  bool escape() {
    ++at_;
    if (at_ >= text_.size()) return false;
    const char kind = text_[at_++];
    if (kind != 'u') return std::string_view("\"\\/bfnrt").find(kind) != std::string_view::npos;
    for (int i = 0; i < 4; ++i, ++at_)
      if (at_ >= text_.size() || !std::isxdigit(static_cast<unsigned char>(text_[at_])))
        return false;
    return true;
  }
  /// One of UTF-8.
  bool character() {
    const auto byte = [&](std::size_t i) {
      return at_ + i < text_.size() ? static_cast<unsigned char>(text_[at_ + i]) : 0u;
    };
    const unsigned lead = byte(0);
    std::size_t length = 1;
    if (lead >= 0x80) {
      if (lead < 0xC2 || lead > 0xF4) return false;
      length = lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
      for (std::size_t i = 1; i < length; ++i)
        if ((byte(i) & 0xC0u) != 0x80u) return false;
      const unsigned second = byte(1);
      if ((lead == 0xE0 && second < 0xA0) || (lead == 0xED && second > 0x9F) ||
          (lead == 0xF0 && second < 0x90) || (lead == 0xF4 && second > 0x8F))
        return false;
    }
    at_ += length;
    return true;
  }

  std::string_view text_;
  std::size_t at_ = 0;
};

}  // namespace
}  // namespace scanhost::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  using namespace scanhost;
  std::string_view text = fuzz::asText(bytes, size);
  const Timestamp time{static_cast<std::int64_t>(size) * 1'000'003};
  const auto level = static_cast<Level>(size % 5);
  const auto component = fuzz::takeLine(text);
  const auto event = fuzz::takeLine(text);
  const auto trace_id = fuzz::takeLine(text);
  Json::Object fields;
  while (!text.empty()) {
    std::string name(fuzz::takeLine(text));
    fields.emplace_back(std::move(name), fuzz::valueOf(fuzz::takeLine(text)));
  }

  const std::string line =
      renderEvent(time, level, component, event, trace_id, Json(std::move(fields)));

  fuzz::require(line.find('\n') == line.npos, "an event is one line");
  fuzz::require(fuzz::StrictReader(line).read(), "the line is strict JSON with unique names");
  const auto read = Json::tryParse(line);
  fuzz::require(read && read->isObject(), "our own reader takes it");
  const Json::Object& members = read->members();
  for (std::size_t i = 0; i < fuzz::head.size(); ++i)
    fuzz::require(members.size() > i && members[i].first == fuzz::head[i], "the head comes first");
  fuzz::require((*read)["timestamp"].asString().size() == 27, "microseconds, UTC");
  fuzz::require((*read)["level"].asString() == levelName(level), "the level is the event's");
  fuzz::require((*read)["trace_id"].isNull() == trace_id.empty(), "no trace is null");
  return 0;
}
