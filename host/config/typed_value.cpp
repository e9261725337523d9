// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "host/config/typed_value.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <utility>

#include "host/base/nearest.h"
#include "host/base/time.h"

namespace scanhost {
namespace {

std::string lowered(std::string text) {
  for (char& c : text)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return text;
}

template <class Number>
std::optional<Number> wholeText(const std::string& text) {
  Number value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

std::optional<double> finiteNumber(const std::string& text) {
  const auto value = wholeText<double>(text);
  return value && std::isfinite(*value) ? value : std::nullopt;
}

bool isUrl(const std::string& text) {
  const bool scheme = text.rfind("http://", 0) == 0 || text.rfind("https://", 0) == 0;
  const auto plain = [](char c) {
    return c > ' ' && c < '\x7f' && c != '"' && c != '<' && c != '>';
  };
  const std::size_t host = text.find("//") + 2;
  return scheme && host < text.size() && text[host] != '/' && text.find('@') == text.npos &&
         std::all_of(text.begin(), text.end(), plain);
}

bool isSha256(const std::string& text) {
  return text.size() == 64 && text.find_first_not_of("0123456789abcdef") == text.npos;
}

/// The value found, for a message; never a secret's, never what an expansion brought in.
std::string found(const ConfigNode& node, const Key& key) {
  if (!node.isScalar()) return std::string("found ") + node.kindName();
  if (key.secret) return "its value is not shown";
  if (!node.written.empty()) return "found the expansion of " + quotedForMessage(node.written);
  return "found " + quotedForMessage(node.text);
}

class ValueReader {
 public:
  ValueReader(const Key& key, const std::string& label, Problems& problems)
      : key_(key), label_(label), problems_(problems) {}

  std::optional<TypedValue> read(const ConfigNode& node) {
    switch (key_.type) {
      case ValueType::free: return readFree(node);
      case ValueType::digests: return readDigests(node);
      case ValueType::names:
      case ValueType::networks:
      case ValueType::hosts:
      case ValueType::origins:
      case ValueType::choices: return readList(node);
      default: return readScalar(node);
    }
  }

 private:
  std::optional<TypedValue> refuse(const ConfigNode& node, const std::string& remedy = {}) {
    problems_.error(node.place(), label_,
                    "expected " + expectedValue(key_) + ", " + found(node, key_) + remedy);
    return std::nullopt;
  }

  std::optional<TypedValue> readScalar(const ConfigNode& node) {
    if (node.isNull()) {
      const std::string& fallback = key_.default_text;
      problems_.error(node.place(), label_,
                      "has no value; write " + expectedValue(key_) + ", or remove the line" +
                          (fallback.empty() ? "" : " for the default, " + fallback));
      return std::nullopt;
    }
    if (!node.isScalar()) return refuse(node);
    TypedValue value;
    value.text = node.text;
    if (node.text.empty() && key_.default_text.empty() && !key_.required) return value;
    return convert(node, value) ? inBounds(node, std::move(value)) : refuse(node, remedy(node));
  }

  bool convert(const ConfigNode& node, TypedValue& value) {
    const std::string& text = node.text;
    switch (key_.type) {
      case ValueType::text: return !text.empty();
      case ValueType::name: return isName(text);
      case ValueType::url: return isUrl(text);
      case ValueType::scope: return isScope(text);
      case ValueType::integer: return keep(wholeText<std::int64_t>(text), value.integer);
      case ValueType::number: return keep(finiteNumber(text), value.number);
      case ValueType::boolean:
        value.flag = lowered(text) == "true";
        return value.flag || lowered(text) == "false";
      case ValueType::duration: return keep(parseDuration(text), value.duration);
      case ValueType::size: return keep(parseSize(text), value.bytes);
      case ValueType::address: return keep(parseListenAddress(text), value.address);
      case ValueType::choice: return choose(text, value);
      case ValueType::path: return resolvePath(node, value);
      default: return false;
    }
  }

  template <class T>
  static bool keep(const std::optional<T>& parsed, T& to) {
    if (parsed) to = *parsed;
    return parsed.has_value();
  }

  bool choose(const std::string& text, TypedValue& value) const {
    const std::string wanted = key_.any_case ? lowered(text) : text;
    const auto at = std::find(key_.choices.begin(), key_.choices.end(), wanted);
    if (at == key_.choices.end()) return false;
    value.text = wanted;
    value.chosen.push_back(static_cast<std::size_t>(at - key_.choices.begin()));
    return true;
  }

  static bool resolvePath(const ConfigNode& node, TypedValue& value) {
    if (node.text.empty()) return false;
    const std::filesystem::path beside = std::filesystem::path(node.place().file).parent_path();
    value.text = (beside / node.text).lexically_normal().string();
    return true;
  }

  std::string remedy(const ConfigNode& node) const {
    if (key_.secret || !node.written.empty()) return {};
    if (key_.type == ValueType::choice) {
      const std::string near = nearestName(node.text, key_.choices);
      return near.empty() ? "" : "; did you mean " + near + "?";
    }
    if (key_.type == ValueType::duration && wholeText<std::int64_t>(node.text))
      return "; a bare number has no unit, so write " + node.text + "s if seconds are meant";
    if (key_.type == ValueType::size && wholeText<std::int64_t>(node.text))
      return "; a bare number has no unit, so write " + node.text + "B if bytes are meant";
    return {};
  }

  /// Of a value or bound, in the unit that all values of its type share.
  double magnitude(const TypedValue& value) const {
    switch (key_.type) {
      case ValueType::integer: return static_cast<double>(value.integer);
      case ValueType::number: return value.number;
      case ValueType::duration: return static_cast<double>(value.duration.count());
      case ValueType::size: return static_cast<double>(value.bytes);
      default: return 0;
    }
  }

  double bound(const std::string& text) {
    ConfigNode node;
    node.text = text;
    TypedValue value;
    convert(node, value);
    return magnitude(value);
  }

  std::optional<TypedValue> inBounds(const ConfigNode& node, TypedValue value) {
    if (key_.least.empty()) return value;
    const double size = magnitude(value);
    if (size >= bound(key_.least) && size <= bound(key_.most)) return value;
    return refuse(node);
  }

  std::optional<TypedValue> readList(const ConfigNode& node) {
    const ConfigNode list = node.asList();
    if (!list.isList()) return refuse(node, node.isScalar() ? "; put it in brackets" : "");
    TypedValue value;
    bool good = true;
    for (const ConfigNode& item : list.children)
      if (!item.isScalar() || !addItem(item.text, value)) {
        refuse(item);
        good = false;
      }
    if (good && key_.type == ValueType::choices && value.list.empty())
      return refuse(node, " with nothing in it");
    return good ? std::optional(std::move(value)) : std::nullopt;
  }

  bool addItem(const std::string& text, TypedValue& value) const {
    if (key_.type == ValueType::names && !isName(text)) return false;
    if (key_.type == ValueType::networks && !isNetwork(text)) return false;
    if (key_.type == ValueType::hosts && !isHost(text)) return false;
    if (key_.type == ValueType::origins && !isOrigin(text)) return false;
    if (key_.type == ValueType::choices && !choose(text, value)) return false;
    value.list.push_back(text);
    return true;
  }

  std::optional<TypedValue> readDigests(const ConfigNode& node) {
    if (!node.isMap()) return refuse(node);
    TypedValue value;
    bool good = true;
    for (const ConfigNode& child : node.children) {
      const std::string digest = lowered(child.text);
      if (child.isScalar() && isName(child.name) && isSha256(digest)) {
        value.map[child.name] = digest;
        continue;
      }
      problems_.error(child.place(), label_ + "." + child.name,
                      "expected a plugin's name and its SHA-256 in 64 hexadecimal digits, " +
                          found(child, key_) + "; sha256sum prints it");
      good = false;
    }
    return good ? std::optional(std::move(value)) : std::nullopt;
  }

  std::optional<TypedValue> readFree(const ConfigNode& node) {
    if (!node.isMap()) return refuse(node);
    TypedValue value;
    value.node = node;
    return value;
  }

  const Key& key_;
  const std::string& label_;
  Problems& problems_;
};

Json listJson(const std::vector<std::string>& list) {
  Json out = Json::array();
  for (const std::string& item : list) out.push(item);
  return out;
}

}  // namespace

std::optional<TypedValue> typedValue(const ConfigNode& node, const Key& key,
                                     const std::string& label, Problems& problems) {
  if (node.broken) return std::nullopt;
  return ValueReader(key, label, problems).read(node);
}

Json comparableValue(const TypedValue& value, ValueType type) {
  switch (type) {
    case ValueType::integer: return Json(value.integer);
    case ValueType::number: return Json(value.number);
    case ValueType::boolean: return Json(value.flag);
    case ValueType::duration: return Json(value.duration.count());
    case ValueType::size: return Json(static_cast<std::int64_t>(value.bytes));
    case ValueType::names:
    case ValueType::networks:
    case ValueType::hosts:
    case ValueType::origins:
    case ValueType::choices: return listJson(value.list);
    case ValueType::digests: {
      Json out = Json::object();
      for (const auto& [name, digest] : value.map) out[name] = digest;
      return out;
    }
    case ValueType::free: return value.node.toJson();
    default: return Json(value.text);
  }
}

std::string expectedValue(const Key& key) {
  const std::string range = key.least.empty() ? "" : " from " + key.least + " to " + key.most;
  switch (key.type) {
    case ValueType::section:
    case ValueType::named: return "a map";
    case ValueType::entries: return "a list of maps";
    case ValueType::text: return "a text";
    case ValueType::name:
      return "a name of at most 64 of a-z, 0-9, '_', '.' and '-', begun by a letter or digit";
    case ValueType::url: return "an http:// or https:// URL without credentials";
    case ValueType::scope: return "one OAuth scope, such as scanhost:read";
    case ValueType::integer: return "a whole number" + range;
    case ValueType::number: return "a number" + range;
    case ValueType::boolean: return "true or false";
    case ValueType::duration: return "a duration" + range + ", such as 30s, 10m, 2h or 7d";
    case ValueType::size: return "a size" + range + ", such as 64KiB, 32MiB or 2GiB";
    case ValueType::choice: return "one of " + joinNames(key.choices);
    case ValueType::path: return "a path";
    case ValueType::address:
      return "address:port, such as 127.0.0.1:8835, [::1]:8835 or 0.0.0.0:8835";
    case ValueType::names: return "a list of names, such as [one, two]";
    case ValueType::choices: return "a list of " + joinNames(key.choices);
    case ValueType::networks:
      return "a list of addresses and networks, such as [10.0.0.0/8, \"2001:db8::1\"]";
    case ValueType::hosts:
      return "a list of host names and addresses without ports, such as [scan.example.org]";
    case ValueType::origins:
      return "a list of origins, such as [\"https://console.example.org:8443\"]";
    case ValueType::digests: return "a map from plugin names to SHA-256";
    case ValueType::free: return "a map of the plugin's settings";
  }
  return "a value";
}

}  // namespace scanhost
