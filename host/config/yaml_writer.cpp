// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "host/config/yaml_writer.h"

#include <algorithm>
#include <cctype>
#include <string_view>
#include <utility>

namespace scanhost {
namespace {

bool isControl(char c) {
  return static_cast<unsigned char>(c) < ' ' || c == '\x7f';
}

/// What a parser takes for null, or for the begin or end of a document.
bool isReserved(std::string_view text) {
  constexpr std::string_view words[] = {"", "~", "null", "Null", "NULL", "---", "...", "<<"};
  return std::find(std::begin(words), std::end(words), text) != std::end(words);
}

/// Read back as it is without quotes, in block style.
bool isPlain(std::string_view text) {
  if (isReserved(text) || std::any_of(text.begin(), text.end(), isControl)) return false;
  const bool negative =
      text.front() == '-' && text.size() > 1 && std::isdigit(static_cast<unsigned char>(text[1]));
  constexpr std::string_view indicators = "-?:,[]{}#&*!|>'\"%@` ";
  if (!negative && indicators.find(text.front()) != indicators.npos) return false;
  return text.back() != ' ' && text.back() != ':' && text.find(": ") == text.npos &&
         text.find(" #") == text.npos;
}

std::string inQuotes(std::string_view text) {
  std::string out;
  Json::writeString(out, text);
  return out;
}

std::string keyText(std::string_view key) {
  const auto simple = [](unsigned char c) {
    return c < 0x80 && (std::isalnum(c) || c == '_' || c == '-' || c == '.');
  };
  return isPlain(key) && std::all_of(key.begin(), key.end(), simple) ? std::string(key)
                                                                     : inQuotes(key);
}

class YamlWriter {
 public:
  explicit YamlWriter(const YamlComments& comments) : comments_(comments) {}

  std::string write(const ConfigNode& tree) {
    for (const ConfigNode& child : tree.children) {
      out_ += '\n';
      writeMember(child, child.name, 0, {});
    }
    return std::move(out_);
  }

 private:
  /// `lead` is what its line begins with, where that is more than blanks: the dash of a list.
  void writeMember(const ConfigNode& node, const std::string& label, std::size_t indent,
                   const std::string& lead) {
    writeComment(label, indent - lead.size());
    out_ += std::string(indent - lead.size(), ' ') + lead + keyText(node.name) + ":";
    writeValue(node, label, indent);
  }

  /// The rest of the line that names it, and the lines below.
  void writeValue(const ConfigNode& node, const std::string& label, std::size_t indent) {
    if (node.isMap() && !node.children.empty()) {
      out_ += '\n';
      writeMap(node, label, indent + 2, {});
    } else if (node.isList() && !node.children.empty()) {
      out_ += '\n';
      for (std::size_t i = 0; i < node.children.size(); ++i)
        writeElement(node.children[i], label + "[" + std::to_string(i) + "]", indent + 2);
    } else {
      out_ += " " + scalarText(node) + "\n";
    }
  }

  void writeMap(const ConfigNode& map, const std::string& label, std::size_t indent,
                std::string lead) {
    for (const ConfigNode& child : map.children)
      writeMember(child, label + "." + child.name, indent, std::exchange(lead, {}));
  }

  void writeElement(const ConfigNode& node, const std::string& label, std::size_t indent) {
    writeComment(label, indent);
    if (node.isMap() && !node.children.empty()) return writeMap(node, label, indent + 2, "- ");
    out_ += std::string(indent, ' ') + "-";
    writeValue(node, label, indent);
  }

  void writeComment(const std::string& label, std::size_t indent) {
    const auto found = comments_.find(label);
    if (found == comments_.end()) return;
    std::string text = found->second;
    std::replace_if(text.begin(), text.end(), isControl, '?');
    out_ += std::string(indent, ' ') + "# " + text + "\n";
  }

  static std::string scalarText(const ConfigNode& node) {
    switch (node.kind) {
      case ConfigNode::Kind::null: return "null";
      case ConfigNode::Kind::list: return "[]";
      case ConfigNode::Kind::map: return "{}";
      case ConfigNode::Kind::scalar: break;
    }
    return node.quoted || !isPlain(node.text) ? inQuotes(node.text) : node.text;
  }

  const YamlComments& comments_;
  std::string out_;
};

}  // namespace

std::string writeYaml(const ConfigNode& tree, const YamlComments& comments) {
  return YamlWriter(comments).write(tree);
}

}  // namespace scanhost
