// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "host/config/tree_reader.h"

#include <memory>
#include <utility>

#include "host/base/nearest.h"
#include "host/config/typed_value.h"
#include "host/config/yaml_reader.h"

namespace scanhost {
namespace {

/// Lists and maps may be written as a bare heading; a single value may not.
bool mayBeBare(ValueType type) {
  switch (type) {
    case ValueType::names:
    case ValueType::choices:
    case ValueType::networks:
    case ValueType::hosts:
    case ValueType::origins:
    case ValueType::digests:
    case ValueType::free: return true;
    default: return false;
  }
}

std::string joinKey(const std::string& parent, const std::string& name) {
  return parent.empty() ? name : parent + "." + name;
}

class TreeReader {
 public:
  explicit TreeReader(Problems& problems) : problems_(problems) {}

  Config read(const ConfigNode& tree) {
    readMembers(tree, configSchema(), {}, tree.place());
    return std::move(config_);
  }

 private:
  /// `node` may be null: then every key below has its default. `place` stands for what is missing.
  void readMembers(const ConfigNode& node, const SchemaNode& schema, const std::string& label,
                   const Place& place) {
    if (!node.isMap() && !node.isNull())
      problems_.error(node.place(), label,
                      "expected a map of keys and values, found " + std::string(node.kindName()));
    refuseUnknown(node, schema, label);
    for (const SchemaNode& child : schema.children)
      readOne(node.find(child.name), child, joinKey(label, child.name), place);
  }

  void refuseUnknown(const ConfigNode& node, const SchemaNode& schema, const std::string& label) {
    if (!node.isMap()) return;
    std::vector<std::string> known;
    for (const SchemaNode& child : schema.children) known.push_back(child.name);
    for (const ConfigNode& child : node.children) {
      if (schema.find(child.name)) continue;
      const std::string near = nearestName(child.name, known);
      problems_.error(child.place(), joinKey(label, shownName(child.name)),
                      "unknown key; " + (near.empty() ? "known here: " + joinNames(known)
                                                      : "did you mean " + near + "?"));
    }
  }

  static std::string shownName(const std::string& name) {
    const std::string quoted = quotedForMessage(name);
    return quoted == '"' + name + '"' ? name : quoted;
  }

  void readOne(const ConfigNode* node, const SchemaNode& schema, const std::string& label,
               const Place& place) {
    static const ConfigNode nothing;
    switch (schema.key->type) {
      case ValueType::section:
        return readMembers(node ? *node : nothing, schema, label, node ? node->place() : place);
      case ValueType::entries: return readEntries(node ? *node : nothing, schema, label);
      case ValueType::named: return readNamed(node ? *node : nothing, schema, label);
      default: return readLeaf(node, *schema.key, label, place);
    }
  }

  void readEntries(const ConfigNode& list, const SchemaNode& schema, const std::string& label) {
    if (!list.isList() && !list.isNull() && !list.broken)
      problems_.error(list.place(), label,
                      "expected a list of maps, found " + std::string(list.kindName()));
    if (!list.isList()) return;
    for (std::size_t i = 0; i < list.children.size(); ++i)
      readElement(list.children[i], schema, "[]", label + "[" + std::to_string(i) + "]");
  }

  void readNamed(const ConfigNode& map, const SchemaNode& schema, const std::string& label) {
    if (!map.isMap() && !map.isNull() && !map.broken)
      problems_.error(map.place(), label,
                      "expected a map of names, found " + std::string(map.kindName()));
    if (!map.isMap()) return;
    for (const ConfigNode& child : map.children) {
      if (isName(child.name)) {
        readElement(child, schema, "*", joinKey(label, child.name), child.name);
        continue;
      }
      Key name;
      name.type = ValueType::name;
      problems_.error(
          child.place(), label,
          "expected " + expectedValue(name) + ", found " + quotedForMessage(child.name));
    }
  }

  /// An element of a list or a named map: a new struct, then its keys. `text` is what it is told
  /// of itself, its label where it has no name.
  void readElement(const ConfigNode& node, const SchemaNode& group, const char* below,
                   const std::string& label, const std::string& text = {}) {
    TypedValue begin;
    begin.text = text.empty() ? label : text;
    group.key->store(config_, begin);
    readMembers(node, *group.find(below), label, node.place());
  }

  void readLeaf(const ConfigNode* node, const Key& key, const std::string& label,
                const Place& place) {
    if (node && node->isNull() && mayBeBare(key.type)) node = nullptr;
    if (!node && key.required) {
      problems_.error(place, label,
                      "is missing; write " + expectedValue(key) +
                          (key.example.empty() ? "" : ", for example " + key.example));
      return;
    }
    const auto value = node ? typedValue(*node, key, label, problems_) : defaultValue(key, place);
    if (!value) return;
    key.store(config_, *value);
    config_.settings.push_back({label, comparableValue(*value, key.type), key.reloadable});
  }

  static std::optional<TypedValue> defaultValue(const Key& key, const Place& place) {
    Problems none;
    const auto file = std::make_shared<const std::string>(place.file);
    std::optional<ConfigNode> node;
    if (!key.default_text.empty()) node = readYaml(key.default_text, file, none);
    TypedValue value;
    if (node) value = typedValue(*node, key, key.path, none).value_or(TypedValue{});
    value.node.file = file;
    value.node.line = place.line;
    return value;
  }

  Problems& problems_;
  Config config_;
};

}  // namespace

Config readTree(const ConfigNode& tree, Problems& problems) {
  return TreeReader(problems).read(tree);
}

}  // namespace scanhost
