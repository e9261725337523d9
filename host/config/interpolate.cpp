// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "host/config/interpolate.h"

#include <sys/stat.h>
#include <unistd.h>

#include <optional>
#include <string_view>
#include <utility>

#include "host/base/result.h"
#include "host/config/references.h"
#include "host/config/source_file.h"
#include "host/config/value_text.h"

namespace scanhost {
namespace {

constexpr std::size_t max_file_bytes = 64 * 1024;

class Expander {
 public:
  Expander(const Environment& environment, ExpansionForm form, Problems& problems)
      : environment_(environment), form_(form), problems_(problems) {}

  void expand(ConfigNode& node, const std::string& path) {
    if (node.isScalar() && node.text.find("${") != std::string::npos) expandScalar(node, path);
    for (std::size_t i = 0; i < node.children.size(); ++i) {
      ConfigNode& child = node.children[i];
      const std::string step = node.isList() ? "[" + std::to_string(i) + "]" : child.name;
      expand(child, path + (path.empty() || node.isList() ? "" : ".") + step);
    }
  }

 private:
  void expandScalar(ConfigNode& node, const std::string& path) {
    Result<std::string> text = expandText(node.text, 0);
    if (!text) {
      problems_.error(node.place(), path, text.error().message);
      text = std::string();
      node.broken = true;
    }
    for (const std::string& warning : std::exchange(warnings_, {}))
      problems_.warning(node.place(), path, warning);
    node.written = std::exchange(node.text, std::move(*text));
    node.comma_list = true;
  }

  Result<std::string> expandText(std::string_view text, int nesting) {
    const auto pieces = splitReferences(text);
    if (!pieces) return tl::unexpected(pieces.error());
    std::string out;
    for (const TextPiece& piece : *pieces) {
      if (piece.kind == TextPiece::Kind::reference) {
        const Result<std::string> value = expandReference(piece.text, nesting);
        if (!value) return value;
        out += *value;
      } else {
        out += piece.text;
      }
      if (out.size() + total_ > ConfigLimits::text_bytes)
        return refuse("expands to more text than a configuration may hold");
    }
    total_ += out.size();
    return out;
  }

  Result<std::string> expandReference(std::string_view inside, int nesting) {
    if (nesting >= max_reference_nesting) return refuse("references nested deeper than 8 levels");
    if (form_ == ExpansionForm::earlier) return variable(inside, nesting);
    if (inside.substr(0, 4) == "env:") return variable(inside.substr(4), nesting);
    if (inside.substr(0, 5) == "file:") {
      const Result<std::string> path = expandText(inside.substr(5), nesting + 1);
      return path ? file(*path) : path;
    }
    return refuse(
        "unknown reference; known are ${env:NAME}, ${env:NAME:-default} and "
        "${file:/path}, and $${ for a literal ${");
  }

  Result<std::string> variable(std::string_view inside, int nesting) {
    const auto reference = readVariable(inside);
    if (!reference) return tl::unexpected(reference.error());
    const std::string& name = reference->name;
    const auto found = environment_.find(name);
    if (found != environment_.end() && !found->second.empty())
      return checkedText(name, found->second);
    if (reference->fallback) return expandText(*reference->fallback, nesting + 1);
    const std::string state = found == environment_.end() ? " is not set" : " is set but empty";
    const std::string form = form_ == ExpansionForm::earlier ? "${" : "${env:";
    return refuse("the variable " + name + state + "; set it, or give a default: " + form + name +
                  ":-default}");
  }

  static Result<std::string> checkedText(const std::string& name, const std::string& value) {
    if (lineOfBadText(value) > 0)
      return refuse("the variable " + name + " does not hold UTF-8 text");
    return value;
  }

  Result<std::string> file(const std::string& path) {
    if (path.empty() || path.front() != '/')
      return refuse("${file:...} needs an absolute path, found " + quotedForMessage(path));
    const std::string shown = "the file " + quotedForMessage(path);
    Result<SourceFile> source = readSourceFile(path, max_file_bytes);
    if (!source) return refuse(shown + " " + source.error().message);
    if (source->mode & (S_IWGRP | S_IWOTH))
      return refuse(shown + " can be written by others than its owner; run chmod go-w on it");
    if (source->mode & S_IROTH)
      warnings_.push_back(shown +
                          " can be read by everyone; if it holds a secret, run chmod o-r on it");
    std::string& text = source->text;
    if (!text.empty() && text.back() == '\n') text.pop_back();
    if (!text.empty() && text.back() == '\r') text.pop_back();
    return std::move(text);
  }

  static tl::unexpected<Error> refuse(std::string message) {
    return fail(ErrorClass::config, std::move(message));
  }

  const Environment& environment_;
  ExpansionForm form_;
  Problems& problems_;
  std::vector<std::string> warnings_;
  std::size_t total_ = 0;
};

}  // namespace

Environment processEnvironment() {
  Environment out;
  for (char** entry = environ; entry && *entry; ++entry) {
    const std::string_view text(*entry);
    const std::size_t equals = text.find('=');
    if (equals != text.npos) out.emplace(text.substr(0, equals), text.substr(equals + 1));
  }
  return out;
}

void expandTree(ConfigNode& tree, const Environment& environment, ExpansionForm form,
                Problems& problems, const std::string& path) {
  Expander(environment, form, problems).expand(tree, path);
}

}  // namespace scanhost
