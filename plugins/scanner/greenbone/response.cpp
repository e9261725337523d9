// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "plugins/scanner/greenbone/response.h"

#include <scanhost/error.h>

#include <algorithm>
#include <charconv>
#include <utility>

#include "plugins/shared/message/in_quotes.h"

namespace scanhost::greenbone {
namespace {

constexpr std::uint64_t most_list_bytes = 256u << 20;
constexpr std::size_t most_field_text = 64u << 10;

bool endsWith(std::string_view text, std::string_view end) {
  return text.size() >= end.size() && text.substr(text.size() - end.size()) == end;
}

}  // namespace

void ResponseReader::onRoot(std::string_view name, const Attributes& attributes) {
  const std::string_view code = attributes["status"];
  std::from_chars(code.data(), code.data() + code.size(), status_.code);
  if (!endsWith(name, "_response") || status_.code < 100)
    throw PluginError(ErrorClass::transient,
                      "xml_invalid: the manager's answer begins with " + inQuotes(name) +
                          " without a status; is that a Greenbone manager?",
                      ErrorSubject::backend);
  status_.text = attributes["status_text"].substr(0, most_field_text);
  status_.id = attributes["id"].substr(0, most_field_text);
}

EntityReader::EntityReader(std::string entity, std::vector<std::string> wanted, Receiver receiver)
    : ResponseReader(most_list_bytes, most_field_text),
      entity_(std::move(entity)),
      wanted_(std::move(wanted)),
      receiver_(std::move(receiver)) {}

void EntityReader::onOpen(std::string_view path, const Attributes& attributes) {
  if (!in_entity_ && !entity_.empty() && path == entity_) {
    in_entity_ = true;
    entity_fields_.clear();
    entity_fields_["@id"] = attributes["id"].substr(0, most_field_text);
  } else if (attributes.has("id")) {
    keep(std::string(path) + "@id", std::string(attributes["id"].substr(0, most_field_text)));
  }
}

void EntityReader::onValue(std::string_view path, std::string text, bool) {
  keep(path, std::move(text));
}

void EntityReader::onClose(std::string_view path) {
  if (!in_entity_ || path != entity_) return;
  in_entity_ = false;
  if (status().isGood()) receiver_(entity_fields_);
}

void EntityReader::keep(std::string_view path, std::string text) {
  if (in_entity_) {
    if (path.size() <= entity_.size()) return;
    path.remove_prefix(entity_.size() + 1);
  }
  if (std::find(wanted_.begin(), wanted_.end(), path) == wanted_.end()) return;
  (in_entity_ ? entity_fields_ : fields_).emplace(path, std::move(text));
}

const std::string& textAt(const Fields& fields, std::string_view path) {
  static const std::string none;
  const auto found = fields.find(path);
  return found == fields.end() ? none : found->second;
}

std::string escaped(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (const char c : text) {
    switch (c) {
      case '&': out += "&amp;"; break;
      case '<': out += "&lt;"; break;
      case '>': out += "&gt;"; break;
      case '"': out += "&quot;"; break;
      case '\'': out += "&apos;"; break;
      case '\n': out += "&#10;"; break;
      default: out += static_cast<unsigned char>(c) < 0x20 ? ' ' : c;
    }
  }
  return out;
}

}  // namespace scanhost::greenbone
