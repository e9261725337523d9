// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "host/config/config_node.h"

#include <algorithm>
#include <charconv>
#include <iterator>
#include <unordered_map>
#include <utility>

#include "host/config/value_text.h"

namespace scanhost {
namespace {

/// `~1` is a slash and `~0` a tilde (RFC 6901).
std::string unescapePointer(std::string_view token) {
  std::string out;
  for (std::size_t i = 0; i < token.size(); ++i) {
    const bool escape = token[i] == '~' && i + 1 < token.size();
    if (escape && token[i + 1] == '1')
      out += '/', ++i;
    else if (escape && token[i + 1] == '0')
      out += '~', ++i;
    else
      out += token[i];
  }
  return out;
}

const ConfigNode* childNamed(const ConfigNode& node, const std::string& token) {
  if (node.isMap()) return node.find(token);
  if (!node.isList()) return nullptr;
  std::size_t index = 0;
  const auto [end, error] = std::from_chars(token.data(), token.data() + token.size(), index);
  if (error != std::errc() || end != token.data() + token.size()) return nullptr;
  return index < node.children.size() ? &node.children[index] : nullptr;
}

Json plainToJson(const std::string& text) {
  if (text == "true" || text == "True" || text == "TRUE") return Json(true);
  if (text == "false" || text == "False" || text == "FALSE") return Json(false);
  if (!text.empty() && (text[0] == '-' || (text[0] >= '0' && text[0] <= '9'))) {
    if (const auto number = Json::tryParse(text)) {
      const bool whole = text.find_first_of(".eE") == std::string::npos;
      if (number->isInteger() || !whole) return *number;
    }
  }
  return Json(text);
}

}  // namespace

const char* ConfigNode::kindName() const {
  switch (kind) {
    case Kind::null: return "nothing";
    case Kind::scalar: return "a value";
    case Kind::list: return "a list";
    case Kind::map: return "a map";
  }
  return "nothing";
}

const ConfigNode* ConfigNode::find(std::string_view member) const {
  if (!isMap()) return nullptr;
  for (const ConfigNode& child : children)
    if (child.name == member) return &child;
  return nullptr;
}

ConfigNode* ConfigNode::find(std::string_view member) {
  return const_cast<ConfigNode*>(std::as_const(*this).find(member));
}

ConfigNode& ConfigNode::member(std::string_view member_name) {
  if (ConfigNode* found = find(member_name)) return *found;
  if (!isMap()) {
    kind = Kind::map;
    text.clear();
    children.clear();
  }
  ConfigNode child;
  child.name = member_name;
  child.file = file;
  child.line = line;
  return children.emplace_back(std::move(child));
}

Json ConfigNode::toJson() const {
  switch (kind) {
    case Kind::null: return Json();
    case Kind::scalar: return quoted ? Json(text) : plainToJson(text);
    case Kind::list: {
      Json::Array items;
      for (const ConfigNode& child : children) items.push_back(child.toJson());
      return Json(std::move(items));
    }
    case Kind::map: {
      Json::Object members;
      for (const ConfigNode& child : children) members.emplace_back(child.name, child.toJson());
      return Json(std::move(members));
    }
  }
  return Json();
}

ConfigNode ConfigNode::asList() const {
  ConfigNode list = *this;
  if (!isScalar() || !comma_list) return list;
  list.kind = Kind::list;
  for (std::string& part : splitCommas(text)) {
    ConfigNode& item = list.children.emplace_back(*this);
    item.name.clear();
    item.text = std::move(part);
  }
  list.text.clear();
  return list;
}

Place ConfigNode::locate(std::string_view pointer) const {
  const ConfigNode* at = this;
  while (!pointer.empty() && pointer.front() == '/') {
    pointer.remove_prefix(1);
    const std::size_t end = std::min(pointer.find('/'), pointer.size());
    const ConfigNode* child = childNamed(*at, unescapePointer(pointer.substr(0, end)));
    if (!child) break;
    at = child;
    pointer.remove_prefix(end);
  }
  return at->place();
}

void mergeInto(ConfigNode& base, ConfigNode over) {
  if (over.isNull()) return;
  if (over.isList()) base = base.asList();
  if (base.isMap() && over.isMap()) {
    std::unordered_map<std::string, std::size_t> index;
    for (std::size_t i = 0; i < base.children.size(); ++i) index.emplace(base.children[i].name, i);
    for (ConfigNode& child : over.children) {
      if (const auto found = index.find(child.name); found != index.end())
        mergeInto(base.children[found->second], std::move(child));
      else
        base.children.push_back(std::move(child));
    }
  } else if (base.isList() && over.isList()) {
    base.children.insert(base.children.end(), std::make_move_iterator(over.children.begin()),
                         std::make_move_iterator(over.children.end()));
  } else {
    base = std::move(over);
  }
}

}  // namespace scanhost
