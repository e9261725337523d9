// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

// The schema as a file that an operator can edit. See defaultsText() in load.h.
#include <algorithm>
#include <string_view>

#include "host/base/nearest.h"
#include "host/config/load.h"
#include "host/config/schema.h"

namespace scanhost {
namespace {

constexpr std::size_t width = 98;

constexpr const char* preamble =
    "# Every key of scanhost with its default. Keys without one stand behind a '#' with an "
    "example.\n"
    "# ${env:NAME}, ${env:NAME:-default} and ${file:/path} work inside every value.\n";

class DefaultsWriter {
 public:
  std::string write() {
    out_ = preamble;
    for (const SchemaNode& child : configSchema().children) {
      out_ += '\n';
      writeNode(child, 0, false);
    }
    return std::move(out_);
  }

 private:
  void writeNode(const SchemaNode& node, std::size_t indent, bool commented) {
    writeProse(*node.key, indent);
    switch (node.key->type) {
      case ValueType::section:
        writeLine(indent, commented, node.name + ":");
        for (const SchemaNode& child : node.children) writeNode(child, indent + 2, commented);
        return;
      case ValueType::entries: return writeEntries(node, indent);
      case ValueType::named: return writeNamed(node, indent);
      default: return writeLeaf(node, indent, commented, "");
    }
  }

  /// One entry; the dash stands before its first key.
  void writeEntries(const SchemaNode& node, std::size_t indent) {
    writeLine(indent, true, node.name + ":");
    bool first = true;
    for (const SchemaNode& child : node.children.front().children) {
      if (first) {
        writeProse(*child.key, indent + 2);
        writeLeaf(child, indent + 2, true, "- ");
      } else {
        writeNode(child, indent + 4, true);
      }
      first = false;
    }
  }

  void writeNamed(const SchemaNode& node, std::size_t indent) {
    writeLine(indent, true, node.name + ":");
    writeLine(indent + 2, true, node.key->example + ":");
    for (const SchemaNode& child : node.children.front().children)
      writeNode(child, indent + 4, true);
  }

  void writeLeaf(const SchemaNode& node, std::size_t indent, bool commented,
                 std::string_view dash) {
    const Key& key = *node.key;
    const bool settable = key.default_text.empty();
    const std::string& value =
        settable || (commented && !key.example.empty()) ? key.example : key.default_text;
    writeLine(indent, commented || settable, std::string(dash) + node.name + ": " + value);
  }

  void writeLine(std::size_t indent, bool commented, const std::string& text) {
    out_ += std::string(indent, ' ') + (commented ? "#" : "") + text + "\n";
  }

  void writeProse(const Key& key, std::size_t indent) {
    std::string text = key.doc;
    if (key.required) text += " Required.";
    if (!key.choices.empty()) text += " One of: " + joinNames(key.choices) + ".";
    if (!key.least.empty()) text += " From " + key.least + " to " + key.most + ".";
    if (key.reloadable && key.store) text += " Reloadable.";
    writeWrapped(text, indent);
  }

  void writeWrapped(std::string_view text, std::size_t indent) {
    const std::string margin = std::string(indent, ' ') + "#";
    std::string line = margin;
    while (!text.empty()) {
      const std::size_t end = std::min(text.find(' '), text.size());
      if (line.size() > margin.size() && line.size() + 1 + end > width) {
        out_ += line + "\n";
        line = margin;
      }
      line += " " + std::string(text.substr(0, end));
      text.remove_prefix(std::min(end + 1, text.size()));
    }
    out_ += line + "\n";
  }

  std::string out_;
};

}  // namespace

std::string defaultsText() {
  return DefaultsWriter().write();
}

}  // namespace scanhost
