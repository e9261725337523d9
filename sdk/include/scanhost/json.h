// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// JSON as a value (RFC 8259): read, built, written.
///
/// Plugins receive their settings as JSON and return documents as JSON, and the SDK may ask
/// nothing of a vendor but a C++17 compiler; so this one type, with its strict and bounded
/// reader, serves the SDK, the host and the tools alike (docs/decisions/003-one-json-type.md).
///
///     scanhost::Json request = scanhost::Json::parse(text);          // throws JsonError
///     request["name"] = "LAN";
///     std::string line = request.dump();
///
/// A value owns all it holds. Distinct values may be used from distinct threads.
#ifndef SCANHOST_JSON_H
#define SCANHOST_JSON_H

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <initializer_list>
#include <limits>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

namespace scanhost {
inline namespace v1 {

/// Bounds for text from outside; a reader that meets one refuses the document.
struct JsonLimits {
  std::size_t depth = 64;          ///< nested arrays and objects
  std::size_t values = 1'000'000;  ///< values of any kind in the document
};

/// Why a text is not JSON, and at which byte.
class JsonError : public std::runtime_error {
 public:
  JsonError(std::size_t offset, const std::string& message)
      : std::runtime_error(message + " at byte " + std::to_string(offset)), offset_(offset) {}
  std::size_t offset() const noexcept { return offset_; }

 private:
  std::size_t offset_;
};

class Json {
 public:
  using Array = std::vector<Json>;
  using Member = std::pair<std::string, Json>;
  /// Members in order of appearance; names are unique, a repeated one is refused when read.
  using Object = std::vector<Member>;

  Json() noexcept = default;
  // Out of line: programs build documents from long lists of temporaries, and each would carry a
  // copy of these (a third of the compile time of such a file).
  [[gnu::noinline]] Json(const Json& other) : value_(other.value_) {}
  [[gnu::noinline]] Json(Json&& other) noexcept : value_(std::move(other.value_)) {}
  [[gnu::noinline]] Json& operator=(const Json& other) {
    value_ = other.value_;
    return *this;
  }
  [[gnu::noinline]] Json& operator=(Json&& other) noexcept {
    value_ = std::move(other.value_);
    return *this;
  }
  [[gnu::noinline]] ~Json() {}
  Json(std::nullptr_t) noexcept {}
  Json(bool value) noexcept : value_(value) {}
  template <
      class Integer,
      std::enable_if_t<std::is_integral_v<Integer> && !std::is_same_v<Integer, bool>, int> = 0>
  Json(Integer value) noexcept : value_(static_cast<std::int64_t>(value)) {}
  Json(double value) noexcept : value_(value) {}
  Json(std::string value) noexcept : value_(std::move(value)) {}
  Json(std::string_view value) : value_(std::string(value)) {}
  Json(const char* value) : value_(std::string(value)) {}
  Json(Array value) noexcept : value_(std::move(value)) {}
  Json(Object value) noexcept : value_(std::move(value)) {}
  /// Null for an empty optional, else its value.
  template <class T>
  Json(const std::optional<T>& value) {
    if (value) *this = Json(*value);
  }

  /// `Json::object({{"a", 1}, {"b", "x"}})`
  [[gnu::noinline]] static Json object(std::initializer_list<Member> members = {}) {
    return Json(Object(members));
  }
  [[gnu::noinline]] static Json array(std::initializer_list<Json> items = {}) {
    return Json(Array(items));
  }

  /// Reads one document, which must fill the whole text. Throws JsonError.
  static Json parse(std::string_view text, const JsonLimits& limits = {});
  /// The same without exceptions: nothing on failure, with the reason in `why` when given.
  static std::optional<Json> tryParse(std::string_view text, const JsonLimits& limits = {},
                                      std::string* why = nullptr);

  bool isNull() const noexcept { return holds<std::monostate>(); }
  bool isBool() const noexcept { return holds<bool>(); }
  bool isInteger() const noexcept { return holds<std::int64_t>(); }
  bool isNumber() const noexcept { return holds<std::int64_t>() || holds<double>(); }
  bool isString() const noexcept { return holds<std::string>(); }
  bool isArray() const noexcept { return holds<Array>(); }
  bool isObject() const noexcept { return holds<Object>(); }
  /// "null", "boolean", "integer", "number", "string", "array" or "object".
  const char* typeName() const noexcept {
    static constexpr const char* names[] = {"null",   "boolean", "integer", "number",
                                            "string", "array",   "object"};
    return names[value_.index()];
  }

  /// Each of these answers the fallback when the value is of another type.
  bool asBool(bool fallback = false) const noexcept {
    const auto* value = std::get_if<bool>(&value_);
    return value ? *value : fallback;
  }
  std::int64_t asInteger(std::int64_t fallback = 0) const noexcept {
    const auto* value = std::get_if<std::int64_t>(&value_);
    return value ? *value : fallback;
  }
  double asNumber(double fallback = 0) const noexcept {
    if (const auto* integer = std::get_if<std::int64_t>(&value_))
      return static_cast<double>(*integer);
    const auto* number = std::get_if<double>(&value_);
    return number ? *number : fallback;
  }
  const std::string& asString() const noexcept {
    static const std::string empty;
    const auto* value = std::get_if<std::string>(&value_);
    return value ? *value : empty;
  }
  std::string asString(std::string_view fallback) const {
    return isString() ? asString() : std::string(fallback);
  }

  /// The items of an array; empty for any other type.
  const Array& items() const noexcept {
    static const Array empty;
    const auto* value = std::get_if<Array>(&value_);
    return value ? *value : empty;
  }
  /// The members of an object; empty for any other type.
  const Object& members() const noexcept {
    static const Object empty;
    const auto* value = std::get_if<Object>(&value_);
    return value ? *value : empty;
  }
  std::size_t size() const noexcept { return isObject() ? members().size() : items().size(); }

  /// The member, or null when this is no object or has none of that name.
  const Json* find(std::string_view name) const noexcept {
    for (const Member& member : members())
      if (member.first == name) return &member.second;
    return nullptr;
  }
  Json* find(std::string_view name) noexcept {
    return const_cast<Json*>(std::as_const(*this).find(name));
  }
  bool has(std::string_view name) const noexcept { return find(name) != nullptr; }
  /// The member, or a null value.
  const Json& operator[](std::string_view name) const noexcept {
    static const Json none;
    const Json* found = find(name);
    return found ? *found : none;
  }
  const Json& operator[](const char* name) const noexcept {
    return (*this)[std::string_view(name)];
  }
  /// The member, made when absent; anything but an object becomes an empty one first.
  Json& operator[](std::string_view name) {
    if (!isObject()) value_ = Object{};
    if (Json* found = find(name)) return *found;
    auto& members = std::get<Object>(value_);
    members.emplace_back().first = name;
    return members.back().second;
  }
  Json& operator[](const char* name) { return (*this)[std::string_view(name)]; }
  /// Appends to an array; anything else becomes an empty one first.
  Json& push(Json item) {
    if (!isArray()) value_ = Array{};
    return std::get<Array>(value_).emplace_back(std::move(item));
  }
  /// Removes the member if there is one.
  void erase(std::string_view name) {
    auto* members = std::get_if<Object>(&value_);
    if (!members) return;
    for (auto it = members->begin(); it != members->end(); ++it)
      if (it->first == name) {
        members->erase(it);
        return;
      }
  }

  /// One line, without spaces. Control characters are escaped always, the rest beyond ASCII when
  /// `ascii` is set; bytes that are no UTF-8 become U+FFFD, so the output is JSON for every input.
  std::string dump(bool ascii = false) const {
    std::string out;
    write(out, ascii);
    return out;
  }
  void write(std::string& out, bool ascii = false) const;
  /// Appends `text` as a JSON string with its quotes, by the rules of dump().
  static void writeString(std::string& out, std::string_view text, bool ascii = false);

  friend bool operator==(const Json& a, const Json& b) { return a.value_ == b.value_; }
  friend bool operator!=(const Json& a, const Json& b) { return !(a == b); }

 private:
  template <class T>
  bool holds() const noexcept {
    return std::holds_alternative<T>(value_);
  }

  std::variant<std::monostate, bool, std::int64_t, double, std::string, Array, Object> value_;
};

namespace detail {

/// How many bytes at the beginning stand for themselves in a JSON string, in ASCII too.
inline std::size_t plainLength(std::string_view text) noexcept {
  std::size_t length = 0;
  while (length < text.size()) {
    const auto c = static_cast<unsigned char>(text[length]);
    if (c < 0x20 || c >= 0x7F || c == '"' || c == '\\') break;
    ++length;
  }
  return length;
}

/// Decodes one UTF-8 sequence (RFC 3629) at `at`; answers its length, or 0 when it is malformed.
inline std::size_t decodeUtf8(std::string_view text, std::size_t at,
                              std::uint32_t& point) noexcept {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char lead = byte(at);
  if (lead < 0x80) {
    point = lead;
    return 1;
  }
  const std::size_t length = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
  if (lead < 0xC2 || lead > 0xF4 || at + length > text.size()) return 0;
  point = lead & (0x7Fu >> length);
  for (std::size_t i = 1; i < length; ++i) {
    if ((byte(at + i) & 0xC0) != 0x80) return 0;
    point = point << 6 | (byte(at + i) & 0x3Fu);
  }
  const bool overlong = (length == 3 && point < 0x800) || (length == 4 && point < 0x10000);
  if (overlong || point > 0x10FFFF || (point >= 0xD800 && point <= 0xDFFF)) return 0;
  return length;
}

inline void appendUtf8(std::string& out, std::uint32_t point) {
  if (point < 0x80) {
    out += static_cast<char>(point);
  } else if (point < 0x800) {
    out += static_cast<char>(0xC0 | point >> 6);
    out += static_cast<char>(0x80 | (point & 0x3F));
  } else if (point < 0x10000) {
    out += static_cast<char>(0xE0 | point >> 12);
    out += static_cast<char>(0x80 | (point >> 6 & 0x3F));
    out += static_cast<char>(0x80 | (point & 0x3F));
  } else {
    out += static_cast<char>(0xF0 | point >> 18);
    out += static_cast<char>(0x80 | (point >> 12 & 0x3F));
    out += static_cast<char>(0x80 | (point >> 6 & 0x3F));
    out += static_cast<char>(0x80 | (point & 0x3F));
  }
}

inline double readDouble(std::string_view digits) {
#if defined(__cpp_lib_to_chars)
  double value = 0;
  const auto result = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  // Out of range covers both ends; only an overflow is an error to JSON.
  if (result.ec == std::errc()) return value;
#endif
  return std::strtod(std::string(digits).c_str(), nullptr);
}

/// A finite one, in the fewest digits of 15 to 17 that read back equal.
inline void writeDouble(std::string& out, double number) {
  char buffer[32];
  std::string_view text;
  for (int digits = 15; digits <= 17; ++digits) {
#if defined(__cpp_lib_to_chars)
    char* const end =
        std::to_chars(buffer, buffer + sizeof buffer, number, std::chars_format::general, digits)
            .ptr;
    text = {buffer, static_cast<std::size_t>(end - buffer)};
#else
    const int length = std::snprintf(buffer, sizeof buffer, "%.*g", digits, number);
    text = {buffer, static_cast<std::size_t>(length)};
#endif
    if (readDouble(text) == number) break;
  }
  out += text;
  if (text.find_first_of(".e") == text.npos) out += ".0";
}

class JsonReader {
 public:
  JsonReader(std::string_view text, const JsonLimits& limits) : text_(text), limits_(limits) {}

  Json document() {
    Json value = readValue(0);
    skipSpace();
    if (at_ != text_.size()) fail("text after the document");
    return value;
  }

 private:
  [[noreturn]] void fail(const char* what) const { throw JsonError(at_, what); }

  void skipSpace() noexcept {
    while (at_ < text_.size() &&
           (text_[at_] == ' ' || text_[at_] == '\t' || text_[at_] == '\n' || text_[at_] == '\r'))
      ++at_;
  }
  char peek() const noexcept { return at_ < text_.size() ? text_[at_] : '\0'; }
  void expect(char wanted, const char* what) {
    if (at_ >= text_.size() || text_[at_] != wanted) fail(what);
    ++at_;
  }
  void expectWord(std::string_view word) {
    if (text_.substr(at_, word.size()) != word) fail("not a JSON value");
    at_ += word.size();
  }

  Json readValue(std::size_t depth) {
    skipSpace();
    if (++count_ > limits_.values) fail("too many values");
    switch (peek()) {
      case '{': return readObject(depth);
      case '[': return readArray(depth);
      case '"': return Json(readString());
      case 't': expectWord("true"); return Json(true);
      case 'f': expectWord("false"); return Json(false);
      case 'n': expectWord("null"); return Json();
      default: return readNumber();
    }
  }

  Json readArray(std::size_t depth) {
    if (depth >= limits_.depth) fail("nested too deep");
    ++at_;
    Json::Array items;
    skipSpace();
    if (peek() == ']') {
      ++at_;
      return Json(std::move(items));
    }
    for (;;) {
      items.push_back(readValue(depth + 1));
      skipSpace();
      if (peek() != ',') break;
      ++at_;
    }
    expect(']', "expected ',' or ']'");
    return Json(std::move(items));
  }

  Json readObject(std::size_t depth) {
    if (depth >= limits_.depth) fail("nested too deep");
    ++at_;
    Json::Object members;
    skipSpace();
    if (peek() == '}') {
      ++at_;
      return Json(std::move(members));
    }
    for (;;) {
      skipSpace();
      if (peek() != '"') fail("expected a member name");
      std::string name = readString();
      skipSpace();
      expect(':', "expected ':'");
      members.emplace_back(std::move(name), readValue(depth + 1));
      skipSpace();
      if (peek() != ',') break;
      ++at_;
    }
    expect('}', "expected ',' or '}'");
    refuseRepeatedNames(members);
    return Json(std::move(members));
  }

  /// Two readers that disagree on which of two equal names counts are a way past a check.
  void refuseRepeatedNames(const Json::Object& members) const {
    if (members.size() < 2) return;
    std::vector<std::string_view> names;
    names.reserve(members.size());
    for (const Json::Member& member : members) names.emplace_back(member.first);
    std::sort(names.begin(), names.end());
    if (std::adjacent_find(names.begin(), names.end()) != names.end()) fail("repeated member name");
  }

  std::uint32_t readHex() {
    if (at_ + 4 > text_.size()) fail("bad \\u escape");
    std::uint32_t value = 0;
    const char* first = text_.data() + at_;
    const auto [last, error] = std::from_chars(first, first + 4, value, 16);
    if (error != std::errc() || last != first + 4) fail("bad \\u escape");
    at_ += 4;
    return value;
  }

  void readEscape(std::string& out) {
    if (++at_ >= text_.size()) fail("unfinished string");
    const char c = text_[at_++];
    switch (c) {
      case '"':
      case '\\':
      case '/': out += c; return;
      case 'b': out += '\b'; return;
      case 'f': out += '\f'; return;
      case 'n': out += '\n'; return;
      case 'r': out += '\r'; return;
      case 't': out += '\t'; return;
      case 'u': break;
      default: fail("unknown escape");
    }
    std::uint32_t point = readHex();
    if (point >= 0xDC00 && point <= 0xDFFF) fail("lone surrogate");
    if (point >= 0xD800 && point <= 0xDBFF) {
      if (text_.substr(at_, 2) != "\\u") fail("lone surrogate");
      at_ += 2;
      const std::uint32_t low = readHex();
      if (low < 0xDC00 || low > 0xDFFF) fail("lone surrogate");
      point = 0x10000 + ((point - 0xD800) << 10 | (low - 0xDC00));
    }
    appendUtf8(out, point);
  }

  std::string readString() {
    ++at_;
    std::string out;
    for (;;) {
      const std::size_t start = at_;
      while (at_ < text_.size() && text_[at_] != '"' && text_[at_] != '\\' &&
             static_cast<unsigned char>(text_[at_]) >= 0x20 &&
             static_cast<unsigned char>(text_[at_]) < 0x80)
        ++at_;
      out.append(text_, start, at_ - start);
      if (at_ >= text_.size()) fail("unfinished string");
      const auto c = static_cast<unsigned char>(text_[at_]);
      if (c == '"') {
        ++at_;
        return out;
      }
      if (c == '\\') {
        readEscape(out);
      } else if (c < 0x20) {
        fail("control character in a string");
      } else {
        std::uint32_t point = 0;
        const std::size_t length = decodeUtf8(text_, at_, point);
        if (length == 0) fail("text is not UTF-8");
        out.append(text_, at_, length);
        at_ += length;
      }
    }
  }

  std::size_t skipDigits() noexcept {
    const std::size_t start = at_;
    while (peek() >= '0' && peek() <= '9') ++at_;
    return at_ - start;
  }

  Json readNumber() {
    const std::size_t start = at_;
    if (peek() == '-') ++at_;
    if (peek() == '0')
      ++at_;
    else if (skipDigits() == 0)
      fail("not a JSON value");
    bool integral = true;
    if (peek() == '.') {
      integral = false;
      ++at_;
      if (skipDigits() == 0) fail("bad number");
    }
    if (peek() == 'e' || peek() == 'E') {
      integral = false;
      ++at_;
      if (peek() == '+' || peek() == '-') ++at_;
      if (skipDigits() == 0) fail("bad number");
    }
    const std::string_view digits = text_.substr(start, at_ - start);
    if (integral) {
      std::int64_t value = 0;
      const auto result = std::from_chars(digits.data(), digits.data() + digits.size(), value);
      if (result.ec == std::errc()) return Json(value);
    }
    const double value = readDouble(digits);
    if (!std::isfinite(value)) fail("number out of range");
    return Json(value);
  }

  std::string_view text_;
  JsonLimits limits_;
  std::size_t at_ = 0;
  std::size_t count_ = 0;
};

}  // namespace detail

inline Json Json::parse(std::string_view text, const JsonLimits& limits) {
  return detail::JsonReader(text, limits).document();
}

inline std::optional<Json> Json::tryParse(std::string_view text, const JsonLimits& limits,
                                          std::string* why) {
  try {
    return parse(text, limits);
  } catch (const JsonError& error) {
    if (why) *why = error.what();
    return std::nullopt;
  }
}

inline void Json::writeString(std::string& out, std::string_view text, bool ascii) {
  const auto escape = [&out](std::uint32_t unit) {
    char buffer[8];
    std::snprintf(buffer, sizeof buffer, "\\u%04x", static_cast<unsigned>(unit & 0xFFFF));
    out += buffer;
  };
  out += '"';
  for (std::size_t i = 0; i < text.size();) {
    const std::size_t plain = detail::plainLength(text.substr(i));
    out.append(text, i, plain);
    i += plain;
    if (i == text.size()) break;
    const auto c = static_cast<unsigned char>(text[i]);
    if (c >= 0x80) {
      std::uint32_t point = 0;
      const std::size_t length = detail::decodeUtf8(text, i, point);
      if (length == 0) point = 0xFFFD;
      i += length ? length : 1;
      if (!ascii) {
        detail::appendUtf8(out, point);
      } else if (point < 0x10000) {
        escape(point);
      } else {
        escape(0xD800 + ((point - 0x10000) >> 10));
        escape(0xDC00 + ((point - 0x10000) & 0x3FF));
      }
      continue;
    }
    ++i;
    switch (c) {
      case '"': out += "\\\""; break;
      case '\\': out += "\\\\"; break;
      case '\b': out += "\\b"; break;
      case '\f': out += "\\f"; break;
      case '\n': out += "\\n"; break;
      case '\r': out += "\\r"; break;
      case '\t': out += "\\t"; break;
      default: escape(c);
    }
  }
  out += '"';
}

inline void Json::write(std::string& out, bool ascii) const {
  if (const auto* text = std::get_if<std::string>(&value_)) {
    writeString(out, *text, ascii);
  } else if (const auto* integer = std::get_if<std::int64_t>(&value_)) {
    char buffer[24];
    out.append(buffer, std::to_chars(buffer, buffer + sizeof buffer, *integer).ptr);
  } else if (const auto* number = std::get_if<double>(&value_)) {
    if (!std::isfinite(*number)) {
      out += "null";  // JSON has no word for it
      return;
    }
    detail::writeDouble(out, *number);
  } else if (const auto* flag = std::get_if<bool>(&value_)) {
    out += *flag ? "true" : "false";
  } else if (const auto* items = std::get_if<Array>(&value_)) {
    out += '[';
    for (std::size_t i = 0; i < items->size(); ++i) {
      if (i) out += ',';
      (*items)[i].write(out, ascii);
    }
    out += ']';
  } else if (const auto* members = std::get_if<Object>(&value_)) {
    out += '{';
    for (std::size_t i = 0; i < members->size(); ++i) {
      if (i) out += ',';
      writeString(out, (*members)[i].first, ascii);
      out += ':';
      (*members)[i].second.write(out, ascii);
    }
    out += '}';
  } else {
    out += "null";
  }
}

}  // namespace v1
}  // namespace scanhost

#endif
