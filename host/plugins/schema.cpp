// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "host/plugins/schema.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>
#include <regex>

#include "host/base/nearest.h"

namespace scanhost {

/// A schema as compiled: what is absent is not checked.
struct Schema::Node {
  struct Property {
    std::string name;
    std::unique_ptr<Node> node;
  };
  struct Pattern {
    std::string text;
    std::regex regex;
  };

  std::optional<bool> always;  ///< the schemas true and false
  std::vector<std::string> types;
  std::vector<Property> properties;
  std::vector<std::string> required;
  std::unique_ptr<Node> additional;  ///< null: any further member is fine
  std::vector<Json> allowed;         ///< enum, or const alone
  bool is_const = false;
  std::optional<double> minimum, maximum, exclusive_minimum, exclusive_maximum;
  std::optional<std::size_t> min_length, max_length, min_items, max_items;
  std::optional<Pattern> pattern;
  std::unique_ptr<Node> items;
  std::vector<std::unique_ptr<Node>> any_of, one_of;
  std::optional<Json> fallback;
  std::string format;
  std::string title;
  bool secret = false;
  ReloadKind reload = ReloadKind::restart;

  const Node* findProperty(std::string_view name) const {
    for (const Property& property : properties)
      if (property.name == name) return property.node.get();
    return nullptr;
  }
};

namespace {

using Node = Schema::Node;

constexpr std::size_t max_schema_depth = 16;
/// Longer text is not held against a pattern: patterns are for names and addresses.
constexpr std::size_t max_pattern_text = 4096;
constexpr std::size_t max_problems = 100;

constexpr std::array<std::string_view, 7> type_names = {"null",   "boolean", "integer", "number",
                                                        "string", "array",   "object"};

/// Turns a schema's JSON into nodes; stops at the first thing it does not understand.
class SchemaCompiler {
 public:
  Result<std::unique_ptr<Node>> compile(const Json& schema, const std::string& where,
                                        std::size_t depth) {
    if (depth > max_schema_depth) return refuse(where, "nested too deep");
    auto node = std::make_unique<Node>();
    if (schema.isBool()) {
      node->always = schema.asBool();
      return node;
    }
    if (!schema.isObject())
      return refuse(where, std::string("a schema must be an object, found ") + schema.typeName());
    for (const auto& [keyword, value] : schema.members()) {
      const Status ok =
          readKeyword(*node, keyword, value, where + "/" + pointerToken(keyword), depth);
      if (!ok) return tl::unexpected<Error>(ok.error());
    }
    return node;
  }

 private:
  static tl::unexpected<Error> refuse(const std::string& where, const std::string& why) {
    return fail(ErrorClass::config, "schema: " + (where.empty() ? "/" : where) + ": " + why);
  }

  Status readKeyword(Node& node, const std::string& keyword, const Json& value,
                     const std::string& where, std::size_t depth) {
    if (keyword == "type") return readTypes(node, value, where);
    if (keyword == "properties") return readProperties(node, value, where, depth);
    if (keyword == "required") return readRequired(node, value, where);
    if (keyword == "additionalProperties") return readChild(node.additional, value, where, depth);
    if (keyword == "items") return readChild(node.items, value, where, depth);
    if (keyword == "anyOf") return readChildren(node.any_of, value, where, depth);
    if (keyword == "oneOf") return readChildren(node.one_of, value, where, depth);
    if (keyword == "enum") return readEnum(node, value, where);
    if (keyword == "const") {
      node.allowed = {value};
      node.is_const = true;
      return {};
    }
    if (keyword == "default") {
      node.fallback = value;
      return {};
    }
    if (keyword == "minimum") return readNumber(node.minimum, value, where);
    if (keyword == "maximum") return readNumber(node.maximum, value, where);
    if (keyword == "exclusiveMinimum") return readNumber(node.exclusive_minimum, value, where);
    if (keyword == "exclusiveMaximum") return readNumber(node.exclusive_maximum, value, where);
    if (keyword == "minLength") return readCount(node.min_length, value, where);
    if (keyword == "maxLength") return readCount(node.max_length, value, where);
    if (keyword == "minItems") return readCount(node.min_items, value, where);
    if (keyword == "maxItems") return readCount(node.max_items, value, where);
    if (keyword == "pattern") return readPattern(node, value, where);
    return readAnnotation(node, keyword, value, where);
  }

  static Status readAnnotation(Node& node, const std::string& keyword, const Json& value,
                               const std::string& where) {
    if (keyword == "format") return readText(node.format, value, where);
    if (keyword == "title") return readText(node.title, value, where);
    if (keyword == "description" || keyword == "$schema" || keyword == "$comment" ||
        keyword == "examples")
      return {};
    if (keyword == "x-secret") {
      if (!value.isBool()) return refuse(where, "must be true or false");
      node.secret = value.asBool();
      return {};
    }
    if (keyword == "x-reload") {
      if (value.asString() != "live" && value.asString() != "restart")
        return refuse(where, "must be \"live\" or \"restart\"");
      node.reload = value.asString() == "live" ? ReloadKind::live : ReloadKind::restart;
      return {};
    }
    if (keyword == "x-access") {
      const std::string& access = value.asString();
      if (access != "read" && access != "write" && access != "execute")
        return refuse(where, "must be \"read\", \"write\" or \"execute\"");
      return {};
    }
    return refuse(where, "the keyword \"" + keyword +
                             "\" is outside the subset of JSON Schema that scanhost checks");
  }

  static Status readText(std::string& out, const Json& value, const std::string& where) {
    if (!value.isString()) return refuse(where, "must be a text");
    out = value.asString();
    return {};
  }

  static Status readTypes(Node& node, const Json& value, const std::string& where) {
    const Json list = value.isString() ? Json::array({value}) : value;
    for (const Json& item : list.items()) {
      if (std::find(type_names.begin(), type_names.end(), item.asString()) == type_names.end())
        return refuse(where, "knows no type " + item.dump().substr(0, 60));
      node.types.push_back(item.asString());
    }
    return node.types.empty() ? Status(refuse(where, "must name a type")) : Status();
  }

  Status readProperties(Node& node, const Json& value, const std::string& where,
                        std::size_t depth) {
    if (!value.isObject()) return refuse(where, "must be an object");
    for (const auto& [name, schema] : value.members()) {
      std::unique_ptr<Node> child;
      const Status ok = readChild(child, schema, where + "/" + pointerToken(name), depth);
      if (!ok) return ok;
      node.properties.push_back({name, std::move(child)});
    }
    return {};
  }

  static Status readRequired(Node& node, const Json& value, const std::string& where) {
    if (!value.isArray()) return refuse(where, "must be a list of names");
    for (const Json& name : value.items()) {
      if (!name.isString()) return refuse(where, "must be a list of names");
      node.required.push_back(name.asString());
    }
    return {};
  }

  Status readChild(std::unique_ptr<Node>& child, const Json& schema, const std::string& where,
                   std::size_t depth) {
    auto compiled = compile(schema, where, depth + 1);
    if (!compiled) return tl::unexpected<Error>(compiled.error());
    child = std::move(*compiled);
    return {};
  }

  Status readChildren(std::vector<std::unique_ptr<Node>>& children, const Json& value,
                      const std::string& where, std::size_t depth) {
    if (!value.isArray() || value.size() == 0) return refuse(where, "must be a list of schemas");
    for (std::size_t i = 0; i < value.size(); ++i) {
      std::unique_ptr<Node> child;
      const Status ok = readChild(child, value.items()[i], where + "/" + std::to_string(i), depth);
      if (!ok) return ok;
      children.push_back(std::move(child));
    }
    return {};
  }

  static Status readEnum(Node& node, const Json& value, const std::string& where) {
    if (!value.isArray() || value.size() == 0) return refuse(where, "must be a list of values");
    node.allowed = value.items();
    return {};
  }

  static Status readNumber(std::optional<double>& out, const Json& value,
                           const std::string& where) {
    if (!value.isNumber()) return refuse(where, "must be a number");
    out = value.asNumber();
    return {};
  }

  static Status readCount(std::optional<std::size_t>& out, const Json& value,
                          const std::string& where) {
    if (!value.isInteger() || value.asInteger() < 0)
      return refuse(where, "must be an integer of at least 0");
    out = static_cast<std::size_t>(value.asInteger());
    return {};
  }

  /// libstdc++'s polynomial matcher takes time and stack by the pattern, not by the text, which
  /// may come from a client; it refuses back-references.
  static Status readPattern(Node& node, const Json& value, const std::string& where) {
    if (!value.isString() || value.asString().size() > 256)
      return refuse(where, "must be a pattern of at most 256 bytes");
    try {
      node.pattern = Node::Pattern{
          value.asString(), std::regex(value.asString(), std::regex::ECMAScript |
                                                             std::regex_constants::__polynomial)};
    } catch (const std::regex_error& error) {
      return refuse(where, std::string("is no pattern that can be checked: ") + error.what());
    }
    return {};
  }
};

std::size_t codePoints(std::string_view text) {
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xC0) != 0x80;
  }));
}

/// True for 3 and 3.0 alike, which JSON Schema does not tell apart.
bool isWhole(const Json& value) {
  constexpr double exact = 9007199254740992.0;  // 2^53
  return value.isInteger() || (value.isNumber() && std::abs(value.asNumber()) <= exact &&
                               std::floor(value.asNumber()) == value.asNumber());
}

bool isOfType(const Json& value, const std::string& type) {
  if (type == "number") return value.isNumber();
  if (type == "integer") return isWhole(value);
  return type == value.typeName();
}

std::int64_t wholeNumber(const Json& value) {
  return value.isInteger() ? value.asInteger() : static_cast<std::int64_t>(value.asNumber());
}

bool equalValues(const Json& a, const Json& b) {
  return a == b || (a.isNumber() && b.isNumber() && a.asNumber() == b.asNumber());
}

std::string numberText(double number) {
  return std::floor(number) == number && std::abs(number) < 1e15
             ? std::to_string(static_cast<std::int64_t>(number))
             : Json(number).dump();
}

/// scheme ":" something, after RFC 3986; the plugin knows which schemes it takes.
bool looksLikeUri(std::string_view text) {
  const std::size_t colon = text.find(':');
  if (colon == std::string_view::npos || colon == 0 || colon + 1 == text.size()) return false;
  const auto letter = [](char c) { return (c | 32) >= 'a' && (c | 32) <= 'z'; };
  if (!letter(text[0])) return false;
  return std::all_of(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(colon),
                     [&](char c) {
                       return letter(c) || (c >= '0' && c <= '9') || c == '+' || c == '-' ||
                              c == '.';
                     }) &&
         std::none_of(text.begin(), text.end(),
                      [](char c) { return static_cast<unsigned char>(c) <= ' ' || c == 0x7F; });
}

/// Walks settings and schema together, filling defaults and noting everything that is wrong.
class SettingsCheck {
 public:
  explicit SettingsCheck(std::vector<SettingProblem>& problems) : problems_(problems) {}

  void check(const Node& node, Json& value, const std::string& pointer, bool secret) {
    secret = secret || node.secret;
    if (node.always) {
      if (!*node.always) note(pointer, "nothing is allowed here");
      return;
    }
    if (!checkType(node, value, pointer, secret)) return;
    checkAllowed(node, value, pointer, secret);
    if (value.isNumber()) checkNumber(node, value, pointer, secret);
    if (value.isString()) checkText(node, value.asString(), pointer, secret);
    if (value.isArray()) checkItems(node, value, pointer, secret);
    if (value.isObject()) checkMembers(node, value, pointer, secret);
    checkAnyOf(node, value, pointer, secret);
    checkOneOf(node, value, pointer, secret);
  }

 private:
  void note(const std::string& pointer, std::string message) {
    if (problems_.size() < max_problems) problems_.push_back({pointer, std::move(message)});
  }

  static std::string shown(const Json& value, bool secret) {
    if (secret) return "a secret value";
    std::string text = value.dump();
    if (text.size() <= 80) return text;
    std::size_t cut = 77;
    while (cut > 0 && (static_cast<unsigned char>(text[cut]) & 0xC0) == 0x80) --cut;
    return text.substr(0, cut) + "...";
  }

  bool checkType(const Node& node, Json& value, const std::string& pointer, bool secret) {
    if (node.types.empty()) return true;
    for (const std::string& type : node.types) {
      if (!isOfType(value, type)) continue;
      if (type == "integer") value = Json(wholeNumber(value));
      return true;
    }
    note(pointer,
         "expected " + joinNames(node.types, " or ") + ", found " +
             (value.isNull() ? std::string("nothing")
                             : std::string(value.typeName()) + " " + shown(value, secret)));
    return false;
  }

  void checkAllowed(const Node& node, const Json& value, const std::string& pointer, bool secret) {
    if (node.allowed.empty()) return;
    for (const Json& allowed : node.allowed)
      if (equalValues(allowed, value)) return;
    std::vector<std::string> texts;
    for (const Json& allowed : node.allowed)
      texts.push_back(allowed.isString() ? allowed.asString() : allowed.dump());
    std::string message =
        node.is_const ? "must be " + texts.front() : "must be one of " + joinNames(texts);
    message += ", found " + shown(value, secret);
    if (!secret && !node.is_const && value.isString())
      if (const std::string near = nearestName(value.asString(), texts); !near.empty())
        message += "; did you mean " + near + "?";
    note(pointer, std::move(message));
  }

  void checkNumber(const Node& node, const Json& value, const std::string& pointer, bool secret) {
    const double number = value.asNumber();
    const auto bound = [&](bool broken, const char* text, std::optional<double> limit) {
      if (broken)
        note(pointer, std::string("must be ") + text + " " + numberText(*limit) + ", found " +
                          shown(value, secret));
    };
    bound(node.minimum && number < *node.minimum, "at least", node.minimum);
    bound(node.maximum && number > *node.maximum, "at most", node.maximum);
    bound(node.exclusive_minimum && number <= *node.exclusive_minimum, "more than",
          node.exclusive_minimum);
    bound(node.exclusive_maximum && number >= *node.exclusive_maximum, "less than",
          node.exclusive_maximum);
  }

  void checkText(const Node& node, const std::string& text, const std::string& pointer,
                 bool secret) {
    const std::size_t length = codePoints(text);
    const std::string found = secret ? std::string() : ", found " + std::to_string(length);
    if (node.min_length && length < *node.min_length)
      note(pointer, text.empty() ? "must not be empty"
                                 : "must have at least " + std::to_string(*node.min_length) +
                                       " characters" + found);
    if (node.max_length && length > *node.max_length)
      note(pointer,
           "must have at most " + std::to_string(*node.max_length) + " characters" + found);
    if (node.pattern &&
        !(text.size() <= max_pattern_text && std::regex_search(text, node.pattern->regex)))
      note(pointer,
           "must match the pattern " + node.pattern->text + ", found " + shown(Json(text), secret));
    if (node.format == "uri" && !looksLikeUri(text))
      note(pointer, "must be a URI such as https://host:port, found " + shown(Json(text), secret));
  }

  void checkItems(const Node& node, Json& value, const std::string& pointer, bool secret) {
    const std::size_t count = value.size();
    if (node.min_items && count < *node.min_items)
      note(pointer, "must have at least " + std::to_string(*node.min_items) + " items, found " +
                        std::to_string(count));
    if (node.max_items && count > *node.max_items)
      note(pointer, "must have at most " + std::to_string(*node.max_items) + " items, found " +
                        std::to_string(count));
    if (!node.items) return;
    Json::Array items = value.items();
    for (std::size_t i = 0; i < items.size(); ++i)
      check(*node.items, items[i], pointer + "/" + std::to_string(i), secret);
    value = Json(std::move(items));
  }

  void checkMembers(const Node& node, Json& value, const std::string& pointer, bool secret) {
    for (const Node::Property& property : node.properties)
      if (property.node->fallback && !value.has(property.name))
        value[property.name] = *property.node->fallback;
    for (const std::string& name : node.required)
      if (!value.has(name)) note(pointer + "/" + pointerToken(name), missingText(node, name));
    if (!value.isObject()) return;
    Json::Object members = value.members();
    for (auto& [name, member] : members) {
      const std::string where = pointer + "/" + pointerToken(name);
      if (const Node* known = node.findProperty(name))
        check(*known, member, where, secret);
      else if (node.additional)
        checkAdditional(node, name, member, where, secret);
    }
    value = Json(std::move(members));
  }

  void checkAdditional(const Node& node, const std::string& name, Json& member,
                       const std::string& where, bool secret) {
    if (!node.additional->always) return check(*node.additional, member, where, secret);
    if (*node.additional->always) return;
    std::vector<std::string> known;
    for (const Node::Property& property : node.properties) known.push_back(property.name);
    const std::string near = nearestName(name, known);
    std::string message = "unknown key";
    if (!near.empty())
      message += "; did you mean " + near + "?";
    else if (known.empty())
      message += "; there are no settings here";
    else
      message += "; known keys: " + joinNames(known);
    note(where, std::move(message));
  }

  static std::string missingText(const Node& node, const std::string& name) {
    std::string message = "is required and missing";
    const Node* property = node.findProperty(name);
    if (property && !property->title.empty()) message += " (" + property->title + ")";
    if (property && !property->types.empty())
      message += "; add " + name + " with a value of type " + joinNames(property->types, " or ");
    return message;
  }

  /// Problems of one alternative, on a copy of the value, which it may fill.
  std::vector<SettingProblem> tryAlternative(const Node& node, Json& value,
                                             const std::string& pointer, bool secret) {
    std::vector<SettingProblem> found;
    SettingsCheck(found).check(node, value, pointer, secret);
    return found;
  }

  void checkAnyOf(const Node& node, Json& value, const std::string& pointer, bool secret) {
    if (node.any_of.empty()) return;
    std::vector<SettingProblem> nearest;
    for (const auto& alternative : node.any_of) {
      Json copy = value;
      std::vector<SettingProblem> found = tryAlternative(*alternative, copy, pointer, secret);
      if (found.empty()) {
        value = std::move(copy);
        return;
      }
      if (nearest.empty() || found.size() < nearest.size()) nearest = std::move(found);
    }
    note(pointer, "fits none of the " + std::to_string(node.any_of.size()) +
                      " allowed forms; the nearest says: " + nearest.front().pointer + " " +
                      nearest.front().message);
  }

  void checkOneOf(const Node& node, Json& value, const std::string& pointer, bool secret) {
    if (node.one_of.empty()) return;
    std::size_t fitting = 0;
    Json filled;
    std::vector<SettingProblem> nearest;
    for (const auto& alternative : node.one_of) {
      Json copy = value;
      std::vector<SettingProblem> found = tryAlternative(*alternative, copy, pointer, secret);
      if (found.empty() && ++fitting == 1) filled = std::move(copy);
      if (!found.empty() && (nearest.empty() || found.size() < nearest.size()))
        nearest = std::move(found);
    }
    if (fitting == 1)
      value = std::move(filled);
    else if (fitting > 1)
      note(pointer, "fits " + std::to_string(fitting) + " of the allowed forms, and must fit one");
    else
      note(pointer, "fits none of the " + std::to_string(node.one_of.size()) +
                        " allowed forms; the nearest says: " + nearest.front().pointer + " " +
                        nearest.front().message);
  }

  std::vector<SettingProblem>& problems_;
};

void gatherSecrets(const Node& node, const std::string& pointer,
                   std::vector<std::string>& secrets) {
  if (node.secret) {
    secrets.push_back(pointer);
    return;
  }
  for (const Node::Property& property : node.properties)
    gatherSecrets(*property.node, pointer + "/" + pointerToken(property.name), secrets);
  if (node.items) gatherSecrets(*node.items, pointer + "/*", secrets);
  if (node.additional) gatherSecrets(*node.additional, pointer + "/*", secrets);
  for (const auto& alternative : node.any_of) gatherSecrets(*alternative, pointer, secrets);
  for (const auto& alternative : node.one_of) gatherSecrets(*alternative, pointer, secrets);
}

}  // namespace

Schema::Schema() = default;
Schema::Schema(Schema&&) noexcept = default;
Schema& Schema::operator=(Schema&&) noexcept = default;
Schema::~Schema() = default;

Result<Schema> Schema::compile(const Json& schema) {
  auto root = SchemaCompiler().compile(schema, "", 0);
  if (!root) return tl::unexpected<Error>(root.error());
  Schema compiled;
  gatherSecrets(**root, "", compiled.secrets_);
  compiled.root_ = std::move(*root);
  return compiled;
}

CheckedSettings Schema::check(const Json& settings) const {
  CheckedSettings checked;
  checked.values = settings;
  SettingsCheck(checked.problems).check(*root_, checked.values, "", false);
  return checked;
}

const std::vector<std::string>& Schema::secretPointers() const {
  return secrets_;
}

ReloadKind Schema::reloadKind(std::string_view member) const {
  const Node* property = root_->findProperty(member);
  return property ? property->reload : ReloadKind::restart;
}

std::string pointerToken(std::string_view name) {
  std::string token;
  for (const char c : name) {
    if (c == '~')
      token += "~0";
    else if (c == '/')
      token += "~1";
    else
      token += c;
  }
  return token;
}

}  // namespace scanhost
