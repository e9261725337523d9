// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "host/ctl/scrubber.h"

#include <Poco/Exception.h>
#include <Poco/URI.h>

#include <algorithm>

#include "host/ctl/secret_shapes.h"

namespace scanhost::ctl {
namespace {

constexpr std::size_t shortest_part = 8;
/// What RFC 3986 reserves, so that all of it is written as %XX.
constexpr const char* reserved = ":/?#[]@!$&'()*+,;=";

std::string asUrl(const std::string& text) {
  std::string encoded;
  Poco::URI::encode(text, reserved, encoded);
  return encoded;
}

std::string fromUrl(const std::string& text) {
  try {
    std::string decoded;
    Poco::URI::decode(text, decoded);
    return decoded;
  } catch (const Poco::Exception&) {
    return text;  // it was no URL's
  }
}

std::string asJson(const std::string& text) {
  const std::string quoted = Json(text).dump();
  return quoted.substr(1, quoted.size() - 2);
}

void replaceEach(std::string& text, const std::string& what) {
  for (std::size_t at = 0; (at = text.find(what, at)) != std::string::npos; at += redacted.size())
    text.replace(at, what.size(), redacted);
}

/// {"name": "password", "value": "..."}: what the other member says of this one.
bool isNamedSecret(const Json& object) {
  for (const char* name : {"name", "key", "header"})
    if (object[name].isString() && isSecretName(object[name].asString())) return true;
  return false;
}

/// In a list of a program's arguments, or of a text's words: "--password", "x"; "token:", "x";
/// "Bearer", "x".
bool announcesSecret(const Json& word, const Json& next) {
  const std::string text = word.asString();
  if (text.empty() || !next.isString()) return false;
  if (isLoginOption(text)) return next.asString().find("://") == std::string::npos;
  if (text == "Bearer" || text == "bearer" || text == "Basic" || text == "basic") return true;
  return (text.front() == '-' || text.back() == ':' || text.back() == '=') && isSecretName(text);
}

bool isReference(const std::string& text) {
  return text.starts_with("${") && text.ends_with('}');
}

}  // namespace

void Scrubber::remember(std::string_view secret) {
  std::vector<std::string> texts = {std::string(secret)};
  for (std::size_t at = 0; at < secret.size();) {
    const std::size_t end = std::min(secret.find_first_of(" \t\r\n", at), secret.size());
    if (end - at >= shortest_part && end - at < secret.size())
      texts.emplace_back(secret.substr(at, end - at));
    at = end + 1;
  }
  for (const std::string& text : texts) {
    for (const std::string& form : {text, fromUrl(text)}) {
      add(form);
      add(asJson(form));
      add(asUrl(form));
    }
  }
}

void Scrubber::add(std::string form) {
  if (form.size() < shortest) return;
  const auto place = std::find_if(known_.begin(), known_.end(), [&](const std::string& other) {
    return other.size() < form.size() || other == form;
  });
  if (place == known_.end() || *place != form) known_.insert(place, std::move(form));
}

std::string Scrubber::withoutKnown(std::string text) const {
  for (const std::string& secret : known_) replaceEach(text, secret);
  return text;
}

std::string Scrubber::scrub(std::string text) const {
  return withoutSecretShapes(withoutKnown(std::move(text)));
}

Json Scrubber::scrub(const Json& value) const {
  if (value.isString()) return Json(scrub(value.asString()));
  if (value.isArray()) {
    Json::Array items;
    const Json* before = nullptr;
    for (const Json& item : value.items()) {
      items.push_back(before && announcesSecret(*before, item) ? Json(redacted) : scrub(item));
      before = &item;
    }
    return Json(std::move(items));
  }
  if (value.isNumber()) {
    const std::string digits = value.dump();
    std::string clean = withoutKnown(digits);
    return clean == digits ? value : Json(std::move(clean));
  }
  if (!value.isObject()) return value;
  Json::Object members;
  const bool named = isNamedSecret(value);
  for (const auto& [name, member] : value.members()) {
    const bool shown = member.isNull() || member.isBool() || isReference(member.asString());
    members.emplace_back(withoutKnown(name),
                         !shown && (isSecretName(name) || (named && name == "value"))
                             ? Json(redacted)
                             : scrub(member));
  }
  return Json(std::move(members));
}

}  // namespace scanhost::ctl
