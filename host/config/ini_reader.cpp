// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "host/config/ini_reader.h"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "host/config/value_text.h"

namespace scanhost {
namespace {

/// The lists whose entries a section may label, and the key that the label stands for.
constexpr std::array<std::pair<std::string_view, std::string_view>, 4> labelled_lists{
    {{"scanners", "name"},
     {"transports", "plugin"},
     {"operations", "plugin"},
     {"exporters", "plugin"}}};

std::optional<std::string_view> labelKey(std::string_view list) {
  for (const auto& [name, key] : labelled_lists)
    if (name == list) return key;
  return std::nullopt;
}

/// Takes `"..."` off the front; nothing when the closing quote is missing.
std::optional<std::string> takeQuoted(std::string_view& text) {
  std::string out;
  for (std::size_t i = 1; i < text.size(); ++i) {
    if (text[i] == '"') {
      text.remove_prefix(i + 1);
      return out;
    }
    const bool escape =
        text[i] == '\\' && i + 1 < text.size() && (text[i + 1] == '"' || text[i + 1] == '\\');
    out += text[escape ? ++i : i];
  }
  return std::nullopt;
}

/// Cuts a comment: `#` or `;` at the start or after a space.
std::string_view withoutComment(std::string_view text) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool mark = text[i] == '#' || text[i] == ';';
    if (mark && (i == 0 || text[i - 1] == ' ' || text[i - 1] == '\t')) return text.substr(0, i);
  }
  return text;
}

class IniReader {
 public:
  IniReader(std::shared_ptr<const std::string> file, Problems& problems)
      : file_(std::move(file)), problems_(problems) {
    root_ = makeNode(ConfigNode::Kind::map);
    root_.line = 1;
  }

  ConfigNode read(std::string_view text) {
    if (text.substr(0, 3) == "\xEF\xBB\xBF") text.remove_prefix(3);
    while (!text.empty() && !full_) {
      const std::size_t end = std::min(text.find('\n'), text.size());
      ++line_;
      readLine(trimmed(text.substr(0, end)));
      text.remove_prefix(std::min(end + 1, text.size()));
    }
    applyLabels();
    return std::move(root_);
  }

 private:
  using Path = std::vector<std::string>;

  ConfigNode makeNode(ConfigNode::Kind kind) const {
    ConfigNode node;
    node.kind = kind;
    node.file = file_;
    node.line = line_;
    return node;
  }

  void error(std::string message, std::string_view key = {}) {
    problems_.error({*file_, line_}, key, std::move(message));
  }

  void readLine(std::string_view line) {
    if (line.empty() || line.front() == '#' || line.front() == ';') return;
    if (line.front() == '[')
      readSection(line);
    else
      readSetting(line);
  }

  void readSection(std::string_view line) {
    skipping_ = true;  // until the section is known to be good, its settings have no home
    section_.clear();
    std::string_view rest = line.substr(1);
    std::optional<Path> path = takePath(rest, ']');
    if (!path) return;
    if (!trimmed(withoutComment(rest.substr(1))).empty())
      return error("text after the section's ']'; put it on a line of its own");
    if (path->size() == 1 && labelKey(path->front()))
      return error("a list's section names its entry: write [" + path->front() + ".NAME]",
                   path->front());
    section_ = std::move(*path);
    skipping_ = descend(section_) == nullptr;
  }

  void readSetting(std::string_view line) {
    if (skipping_) return;
    std::string_view rest = line;
    const std::optional<Path> path = takePath(rest, '=');
    if (!path) return;
    std::optional<ConfigNode> value = readValue(trimmed(rest.substr(1)));
    if (!value) return;
    Path full = section_;
    full.insert(full.end(), path->begin(), path->end());
    value->name = full.back();
    full.pop_back();
    if (full.size() == 1 && labelKey(full.front()))
      return error("is a list; give its entries a section each: [" + full.front() + ".NAME]",
                   full.front());
    ConfigNode* parent = descend(full);
    if (!parent) return;
    if (parent->find(value->name))
      return error("this key stands twice; keep one of the two", joined(full, value->name));
    if (parent->children.size() >= ConfigLimits::map_keys) return refuseSize();
    parent->children.push_back(std::move(*value));
  }

  /// `a.b."c.d"` up to `end`, which stays in front of `rest`.
  std::optional<Path> takePath(std::string_view& rest, char end) {
    Path path;
    for (;;) {
      rest = trimmedFront(rest);
      std::optional<std::string> part = takePart(rest, end);
      if (!part) return std::nullopt;
      if (part->empty() || part->size() > ConfigLimits::key_bytes) {
        error("an empty or overlong part in a name; names look like tls.certificate");
        return std::nullopt;
      }
      path.push_back(std::move(*part));
      rest = trimmedFront(rest);
      if (rest.empty() || (rest.front() != '.' && rest.front() != end)) {
        error(end == '=' ? "expected 'key = value' or '[section]'" : "expected ']' after the name");
        return std::nullopt;
      }
      if (rest.front() == end) break;
      rest.remove_prefix(1);
    }
    if (path.size() + section_.size() <= ConfigLimits::depth) return path;
    error("nested deeper than " + std::to_string(ConfigLimits::depth) + " levels; flatten it");
    return std::nullopt;
  }

  std::optional<std::string> takePart(std::string_view& rest, char end) {
    if (!rest.empty() && rest.front() == '"') {
      std::optional<std::string> part = takeQuoted(rest);
      if (!part) error("a quote that is not closed");
      return part;
    }
    const std::size_t stop = std::min({rest.find('.'), rest.find(end), rest.size()});
    const std::string part(trimmed(rest.substr(0, stop)));
    rest.remove_prefix(stop);
    return part;
  }

  std::optional<ConfigNode> readValue(std::string_view text) {
    if (++values_ > ConfigLimits::values) {
      refuseSize();
      return std::nullopt;
    }
    if (!text.empty() && text.front() == '"') return readQuoted(text);
    text = trimmed(withoutComment(text));
    if (text.empty()) return makeNode(ConfigNode::Kind::null);
    if (text.front() == '[' && text.back() == ']') return readList(text.substr(1, text.size() - 2));
    return scalar(std::string(text), false);
  }

  std::optional<ConfigNode> readQuoted(std::string_view text) {
    std::optional<std::string> value = takeQuoted(text);
    if (!value || !trimmed(withoutComment(text)).empty()) {
      error(value ? "text after the closing quote" : "a quote that is not closed");
      return std::nullopt;
    }
    return scalar(std::move(*value), true);
  }

  std::optional<ConfigNode> readList(std::string_view text) {
    ConfigNode list = makeNode(ConfigNode::Kind::list);
    text = trimmed(text);
    while (!text.empty()) {
      const bool quoted = text.front() == '"';
      std::optional<std::string> item;
      if (quoted) {
        item = takeQuoted(text);
      } else {
        const std::size_t end = std::min(text.find(','), text.size());
        item = std::string(trimmed(text.substr(0, end)));
        text.remove_prefix(end);
      }
      text = trimmed(text);
      if (!item || (item->empty() && !quoted) || (!text.empty() && text.front() != ',')) {
        error("a list looks like [one, \"two\"]");
        return std::nullopt;
      }
      if (++values_ > ConfigLimits::values) {
        refuseSize();
        return std::nullopt;
      }
      list.children.push_back(scalar(std::move(*item), quoted));
      if (!text.empty()) text = trimmed(text.substr(1));
    }
    return list;
  }

  ConfigNode scalar(std::string text, bool quoted) const {
    ConfigNode node = makeNode(ConfigNode::Kind::scalar);
    node.text = std::move(text);
    node.quoted = quoted;
    node.comma_list = true;
    return node;
  }

  void refuseSize() {
    if (!full_) error("more values than a configuration may hold");
    full_ = true;
  }

  /// The map at `path`, made where absent; null, with an error, when a value stands in the way.
  ConfigNode* descend(const Path& path) {
    ConfigNode* at = &root_;
    for (std::size_t i = 0; i < path.size(); ++i) {
      at = step(*at, path[i]);
      if (at && i == 0 && path.size() > 1 && labelKey(path[0])) {
        at->kind = ConfigNode::Kind::list;
        at = entry(*at, path[++i]);
      }
      if (!at) {
        error("has a value already, so nothing can stand below it", joined(path));
        return nullptr;
      }
    }
    return at;
  }

  ConfigNode* step(ConfigNode& parent, const std::string& name) {
    ConfigNode* found = parent.find(name);
    if (!found) {
      if (parent.children.size() >= ConfigLimits::map_keys || ++values_ > ConfigLimits::values) {
        refuseSize();
        return nullptr;
      }
      ConfigNode child = makeNode(ConfigNode::Kind::map);
      child.name = name;
      return &parent.children.emplace_back(std::move(child));
    }
    const bool list = &parent == &root_ && labelKey(name) && found->isList();
    return found->isMap() || list ? found : nullptr;
  }

  /// While reading, an entry carries its label as its name; applyLabels() turns it into a key.
  ConfigNode* entry(ConfigNode& list, const std::string& label) {
    for (ConfigNode& child : list.children)
      if (child.name == label) return &child;
    if (list.children.size() >= ConfigLimits::map_keys) {
      refuseSize();
      return nullptr;
    }
    ConfigNode child = makeNode(ConfigNode::Kind::map);
    child.name = label;
    return &list.children.emplace_back(std::move(child));
  }

  void applyLabels() {
    for (ConfigNode& list : root_.children) {
      const auto key = labelKey(list.name);
      if (!key || !list.isList()) continue;
      for (ConfigNode& child : list.children) {
        const std::string label = std::exchange(child.name, {});
        if (child.find(*key)) continue;
        ConfigNode& node = child.member(*key);
        node.kind = ConfigNode::Kind::scalar;
        node.quoted = true;
        node.text = label;
      }
    }
  }

  static std::string joined(const Path& path, std::string_view last = {}) {
    std::string out;
    for (const std::string& part : path) out += (out.empty() ? "" : ".") + part;
    if (!last.empty()) out += (out.empty() ? "" : ".") + std::string(last);
    return out;
  }

  std::shared_ptr<const std::string> file_;
  Problems& problems_;
  ConfigNode root_;
  Path section_;
  bool skipping_ = false;
  int line_ = 0;
  std::size_t values_ = 0;
  bool full_ = false;
};

}  // namespace

ConfigNode readIni(std::string_view text, std::shared_ptr<const std::string> file,
                   Problems& problems) {
  return IniReader(std::move(file), problems).read(text);
}

}  // namespace scanhost
