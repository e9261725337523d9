// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "host/ctl/shown_configuration.h"

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "host/config/references.h"
#include "host/config/schema.h"
#include "host/config/yaml_reader.h"
#include "host/ctl/secret_shapes.h"

namespace scanhost::ctl {
namespace {

/// What is hidden only to be safe is looked for elsewhere from this length on: "true" and a port
/// are in any text. So is userinfo without a password, which mostly is a user's name.
constexpr std::size_t shortest_doubtful = 8;
constexpr std::size_t shortest_userinfo = 16;

using Schemas = std::vector<const Json*>;

/// The pieces of what was written where `node.text` is its expansion; none of a plain value, nor of
/// one whose expansion failed for its form.
std::vector<TextPiece> piecesOf(std::string_view written) {
  auto pieces = splitReferences(written);
  return pieces ? std::move(*pieces) : std::vector<TextPiece>();
}

bool isReference(const TextPiece& piece) {
  return piece.kind == TextPiece::Kind::reference;
}

/// "${env:NAME:-...}": a default may be a secret.
std::string shownReference(const TextPiece& reference) {
  const std::size_t mark = reference.text.find(":-");
  return "${" + reference.text.substr(0, mark) + (mark == std::string::npos ? "}" : ":-...}");
}

std::string referencesIn(std::string_view written) {
  std::string references;
  for (const TextPiece& piece : piecesOf(written))
    if (isReference(piece)) references += shownReference(piece);
  return references;
}

class Shower {
 public:
  Shower(const ConfigNode& tree, const Environment& environment, const SchemaOf& schema_of,
         PolicyTargets policy_targets, Scrubber& secrets)
      : tree_(tree),
        environment_(environment),
        schema_of_(schema_of),
        policy_targets_(policy_targets),
        secrets_(secrets) {}

  Json show() { return showMembers(&tree_, configSchema()); }

 private:
  Json showMembers(const ConfigNode* node, const SchemaNode& schema) {
    Json shown = Json::object();
    for (const SchemaNode& child : schema.children) {
      Json value = child.key->type == ValueType::free
                       ? showFree(node, schema, child)
                       : showKey(node ? node->find(child.name) : nullptr, child);
      if (!value.isNull()) shown[child.name] = std::move(value);
    }
    return shown;
  }

  Json showKey(const ConfigNode* node, const SchemaNode& schema) {
    switch (schema.key->type) {
      case ValueType::section: return showMembers(node, schema);
      case ValueType::entries: return showEntries(node, *schema.find("[]"));
      case ValueType::named: return showNamed(node, *schema.find("*"));
      default: return showLeaf(node, *schema.key);
    }
  }

  Json showFree(const ConfigNode* holder, const SchemaNode& schema, const SchemaNode& child) {
    const ConfigNode* settings = holder ? holder->find(child.name) : nullptr;
    in_exporter_ = child.key->path.starts_with("exporters");
    return settings ? showSettings(*settings, schemasFor(*holder, schema)) : Json();
  }

  Json showEntries(const ConfigNode* list, const SchemaNode& schema) {
    Json shown = Json::array();
    if (list && list->isList())
      for (const ConfigNode& entry : list->children) shown.push(showMembers(&entry, schema));
    return shown;
  }

  Json showNamed(const ConfigNode* map, const SchemaNode& schema) {
    Json shown = Json::object();
    if (map && map->isMap())
      for (const ConfigNode& entry : map->children) shown[entry.name] = showMembers(&entry, schema);
    return shown;
  }

  Json showLeaf(const ConfigNode* node, const Key& key) {
    if (!node || node->isNull()) return defaultOf(key);
    if (key.secret) return hide(*node);
    if (policy_targets_ == PolicyTargets::left_out && key.path.starts_with("policy.targets."))
      return Json(std::to_string(node->asList().children.size()) +
                  " left out; --with-targets shows them");
    if (key.type == ValueType::text || key.type == ValueType::url) rememberExpanded(*node);
    return showOpenly(*node);
  }

  static Json defaultOf(const Key& key) {
    if (key.default_text.empty()) return Json();
    Problems none;
    const auto node = readYaml(key.default_text, std::make_shared<const std::string>(), none);
    return node ? node->toJson() : Json();
  }

  /// What may describe the settings of an entry: the manifest of its plugin. A scan template has
  /// no plugin; it is for those of the scanners.
  Schemas schemasFor(const ConfigNode& entry, const SchemaNode& schema) {
    std::vector<std::string> names;
    const auto add = [&](const ConfigNode* plugin) {
      if (plugin) names.push_back(plugin->text);
    };
    if (const SchemaNode* plugin = schema.find("plugin")) {
      names.push_back(plugin->key->default_text);
      add(entry.find("plugin"));
      names.erase(names.begin(), names.end() - 1);
    } else if (const ConfigNode* scanners = tree_.find("scanners")) {
      for (const ConfigNode& scanner : scanners->children) add(scanner.find("plugin"));
    }
    Schemas found;
    for (const std::string& name : names)
      if (const Json* described = schema_of_(name)) found.push_back(described);
    return found;
  }

  /// Shown where a schema describes it and none calls it a secret.
  Json showSettings(const ConfigNode& node, const Schemas& schemas) {
    if (node.isNull()) return Json();
    for (const Json* schema : schemas)
      if ((*schema)["x-secret"].asBool()) return hide(node);
    if (schemas.empty()) return hide(node, shortest_doubtful);
    if (node.isMap()) return showMap(node, schemas);
    if (node.isList()) {
      Json shown = Json::array();
      for (const ConfigNode& item : node.children)
        shown.push(showSettings(item, below(schemas, [](const Json& schema) -> const Json& {
                                  return schema["items"];
                                })));
      return shown;
    }
    rememberExpanded(node);
    return showOpenly(node);
  }

  Json showMap(const ConfigNode& node, const Schemas& schemas) {
    Json shown = Json::object();
    for (const ConfigNode& child : node.children) {
      const Schemas inner = below(schemas, [&](const Json& schema) -> const Json& {
        const Json& property = schema["properties"][child.name];
        return property.isObject() ? property : schema["additionalProperties"];
      });
      if (isSecretName(child.name) && !child.isNull())
        shown[child.name] = hide(child);
      else if (in_exporter_ && child.name == "url" && child.isScalar() && !inner.empty())
        shown[child.name] = showReceiver(child, inner);
      else
        shown[child.name] = showSettings(child, inner);
    }
    return shown;
  }

  /// Scheme, host and port: whoever knows the path of a webhook may post to it. Where these hold
  /// references it is hidden whole, for what follows could be any part.
  Json showReceiver(const ConfigNode& node, const Schemas& schemas) {
    const auto endOfHost = [](std::string_view url) {
      const std::size_t scheme = url.find("://");
      if (scheme == url.npos) return url.npos;
      return std::min(url.find_first_of("/?#", scheme + 3), url.size());
    };
    const std::string_view url = node.text;
    if (const std::size_t end = endOfHost(url);
        end != url.npos && url.size() - end >= shortest_doubtful)
      secrets_.remember(url.substr(end));
    const Json open = showSettings(node, schemas);
    const std::string& shown = open.asString();
    const std::size_t end = endOfHost(shown);
    if (end == shown.npos || shown.substr(0, end).find("${") != shown.npos) return hide(node);
    if (shown.size() - end <= 1) return open;
    const std::string references = referencesIn(std::string_view(shown).substr(end));
    return Json(shown.substr(0, end) + "/" +
                (references.empty() ? std::string(redacted) : references));
  }

  template <class Step>
  static Schemas below(const Schemas& schemas, Step step) {
    Schemas found;
    for (const Json* schema : schemas)
      if (const Json& inner = step(*schema); inner.isObject()) found.push_back(&inner);
    return found;
  }

  /// The references of all that is hidden, for they say where a helper's question leads; nothing
  /// of what was written out.
  Json hide(const ConfigNode& node, std::size_t shortest = Scrubber::shortest) {
    std::string references;
    hideScalars(node, shortest, references);
    return Json(references.empty() ? std::string(redacted) : references);
  }

  void hideScalars(const ConfigNode& node, std::size_t shortest, std::string& references) {
    for (const ConfigNode& child : node.children) hideScalars(child, shortest, references);
    if (!node.isScalar()) return;
    if (node.text.size() >= shortest) secrets_.remember(node.text);
    rememberExpanded(node, shortest);
    references += referencesIn(node.written);
  }

  void rememberExpanded(const ConfigNode& node, std::size_t shortest = shortest_doubtful) {
    for (const TextPiece& piece : piecesOf(node.written)) {
      const std::string value = isReference(piece) ? expanded(piece.text) : std::string();
      if (value.size() >= shortest) secrets_.remember(value);
    }
  }

  /// Empty when this process cannot: the service may have other variables.
  std::string expanded(const std::string& reference) const {
    const bool current = reference.starts_with("env:") || reference.starts_with("file:");
    ConfigNode node;
    node.kind = ConfigNode::Kind::scalar;
    node.text = "${" + reference + "}";
    Problems ignored;
    expandTree(node, environment_, current ? ExpansionForm::current : ExpansionForm::earlier,
               ignored);
    return node.text;
  }

  Json showOpenly(const ConfigNode& node) {
    if (node.isList()) {
      Json shown = Json::array();
      for (const ConfigNode& item : node.children) shown.push(showOpenly(item));
      return shown;
    }
    if (node.isMap()) {
      Json shown = Json::object();
      for (const ConfigNode& child : node.children) shown[child.name] = showOpenly(child);
      return shown;
    }
    if (!node.isScalar()) return Json();
    rememberUserinfo(node.text);
    if (node.written.empty()) {
      const Json value = node.toJson();
      return value.isString() ? Json(openText(node.text)) : value;
    }
    std::string written;
    for (const TextPiece& piece : piecesOf(node.written))
      written += isReference(piece) ? shownReference(piece) : escapeReferences(piece.text);
    return Json(openText(std::move(written)));
  }

  void rememberUserinfo(const std::string& url) {
    const std::string_view userinfo = userinfoOf(url);
    if (userinfo.empty()) return;
    const std::size_t colon = userinfo.find(':');
    if (colon != std::string_view::npos) secrets_.remember(userinfo.substr(colon + 1));
    if (userinfo.size() >= shortest_userinfo) secrets_.remember(userinfo);
  }

  static std::string openText(std::string text) {
    if (const std::string_view userinfo = userinfoOf(text); !userinfo.empty()) {
      const std::string references = referencesIn(userinfo);
      text.replace(static_cast<std::size_t>(userinfo.data() - text.data()), userinfo.size(),
                   references.empty() ? redacted : references);
    }
    return withoutSecretShapes(std::move(text));
  }

  const ConfigNode& tree_;
  const Environment& environment_;
  const SchemaOf& schema_of_;
  const PolicyTargets policy_targets_;
  Scrubber& secrets_;
  bool in_exporter_ = false;  ///< whose settings are being shown
};

}  // namespace

Json showConfiguration(const ConfigNode& tree, const Environment& environment,
                       const SchemaOf& schema_of, PolicyTargets policy_targets, Scrubber& secrets) {
  return Shower(tree, environment, schema_of, policy_targets, secrets).show();
}

}  // namespace scanhost::ctl
