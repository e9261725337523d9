// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "host/config/yaml_reader.h"

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/mark.h>
#include <yaml-cpp/parser.h>

#include <algorithm>
#include <exception>
#include <map>
#include <sstream>
#include <unordered_set>
#include <utility>

namespace scanhost {
namespace {

/// Ends the reading of a file; caught in readYaml.
struct YamlRefusal {
  int line;
  std::string message;
};

int lineOf(const YAML::Mark& mark) {
  return mark.is_null() ? 0 : mark.line + 1;
}

class TreeBuilder : public YAML::EventHandler {
 public:
  TreeBuilder(std::shared_ptr<const std::string> file, Problems& problems)
      : file_(std::move(file)), problems_(problems) {}

  ConfigNode takeRoot() { return std::move(root_); }
  /// Of the last key or value that was read to its end.
  int lastLine() const { return last_line_; }

  void OnDocumentStart(const YAML::Mark&) override {}
  void OnDocumentEnd() override {}

  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    if (awaitsKey()) throw YamlRefusal{lineOf(mark), "an empty key; give it a name"};
    add(makeNode(ConfigNode::Kind::null, mark), anchor);
  }

  void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    if (awaitsKey()) throw YamlRefusal{lineOf(mark), "an alias as a key; write the key out"};
    const auto found = anchored_.find(anchor);
    if (found == anchored_.end())
      throw YamlRefusal{lineOf(mark), "an alias inside the value it names; write the value out"};
    ConfigNode copy = found->second;
    count(copy, lineOf(mark), open_.size());
    copy.line = lineOf(mark);
    add(std::move(copy), 0);
  }

  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& value) override {
    if (awaitsKey()) return startMember(mark, value);
    ConfigNode node = makeNode(ConfigNode::Kind::scalar, mark);
    node.text = value;
    node.quoted = tag == "!" || tag == "tag:yaml.org,2002:str";
    if (!node.quoted) refuseTag(mark, tag);
    count(node, node.line, open_.size());
    add(std::move(node), anchor);
  }

  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value) override {
    if (awaitsKey()) throw YamlRefusal{lineOf(mark), "a list as a key; keys are plain text"};
    refuseTag(mark, tag);
    start(ConfigNode::Kind::list, mark, anchor);
  }

  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value) override {
    if (awaitsKey()) throw YamlRefusal{lineOf(mark), "a map as a key; keys are plain text"};
    refuseTag(mark, tag);
    start(ConfigNode::Kind::map, mark, anchor);
  }

  void OnSequenceEnd() override { finish(); }
  void OnMapEnd() override { finish(); }

 private:
  /// A list or map whose end has not come yet.
  struct Open {
    ConfigNode node;
    YAML::anchor_t anchor = 0;
    bool has_key = false;  ///< of a map: the key came, the value did not
    std::string key;
    int key_line = 0;
    bool repeated = false;
    std::unordered_set<std::string> keys;
  };

  bool awaitsKey() const {
    return !open_.empty() && open_.back().node.isMap() && !open_.back().has_key;
  }

  ConfigNode makeNode(ConfigNode::Kind kind, const YAML::Mark& mark) {
    ConfigNode node;
    node.kind = kind;
    node.file = file_;
    node.line = last_line_ = lineOf(mark);
    return node;
  }

  static void refuseTag(const YAML::Mark& mark, const std::string& tag) {
    if (tag.empty() || tag == "?" || tag == "!" || tag == "tag:yaml.org,2002:map" ||
        tag == "tag:yaml.org,2002:seq")
      return;
    throw YamlRefusal{lineOf(mark), "a YAML tag; remove it, values are typed by their key"};
  }

  void startMember(const YAML::Mark& mark, const std::string& key) {
    Open& map = open_.back();
    last_line_ = lineOf(mark);
    if (key == "<<") throw YamlRefusal{last_line_, "a merge key ('<<'); write the keys out"};
    if (key.size() > ConfigLimits::key_bytes)
      throw YamlRefusal{lineOf(mark),
                        "a key longer than " + std::to_string(ConfigLimits::key_bytes) + " bytes"};
    if (map.keys.size() >= ConfigLimits::map_keys)
      throw YamlRefusal{lineOf(mark),
                        "a map of more than " + std::to_string(ConfigLimits::map_keys) + " keys"};
    map.has_key = true;
    map.key = key;
    map.key_line = lineOf(mark);
    map.repeated = !map.keys.insert(key).second;
    if (map.repeated)
      problems_.error({*file_, map.key_line}, key,
                      "this key stands twice in one map; keep one of the two");
  }

  void start(ConfigNode::Kind kind, const YAML::Mark& mark, YAML::anchor_t anchor) {
    if (open_.size() >= ConfigLimits::depth)
      throw YamlRefusal{lineOf(mark), "nested deeper than " + std::to_string(ConfigLimits::depth) +
                                          " levels; flatten it"};
    Open open;
    open.node = makeNode(kind, mark);
    open.anchor = anchor;
    countOne(open.node.line, 0);
    open_.push_back(std::move(open));
  }

  void finish() {
    Open closed = std::move(open_.back());
    open_.pop_back();
    add(std::move(closed.node), closed.anchor);
  }

  void add(ConfigNode node, YAML::anchor_t anchor) {
    if (anchor != 0) {
      count(node, node.line, open_.size());
      anchored_[anchor] = node;
    }
    if (open_.empty()) {
      root_ = std::move(node);
      return;
    }
    Open& parent = open_.back();
    if (parent.node.isMap()) {
      parent.has_key = false;
      if (parent.repeated) return;
      node.name = parent.key;
      node.line = parent.key_line;
    }
    parent.node.children.push_back(std::move(node));
  }

  void countOne(int line, std::size_t text_bytes) {
    text_bytes_ += text_bytes;
    if (++values_ > ConfigLimits::values || text_bytes_ > ConfigLimits::text_bytes)
      throw YamlRefusal{line, "more values than a configuration may hold, aliases counted in full"};
  }

  void count(const ConfigNode& node, int line, std::size_t depth) {
    if (depth > ConfigLimits::depth)
      throw YamlRefusal{line, "nested deeper than " + std::to_string(ConfigLimits::depth) +
                                  " levels, aliases counted in full"};
    countOne(line, node.text.size());
    for (const ConfigNode& child : node.children) count(child, line, depth + 1);
  }

  std::shared_ptr<const std::string> file_;
  Problems& problems_;
  ConfigNode root_;
  std::vector<Open> open_;
  int last_line_ = 1;
  std::map<YAML::anchor_t, ConfigNode> anchored_;
  std::size_t values_ = 0;
  std::size_t text_bytes_ = 0;
};

/// yaml-cpp takes a quote that is still open after the last line break for closed there, with all
/// that follows it for its text; behind the mark of a document's end it does not.
std::string withItsEnd(const std::string& text) {
  const std::size_t last = text.find_last_not_of(" \t");
  return last != text.npos && text[last] == '\n' ? text.substr(0, last + 1) + "...\n" : text;
}

bool isOpenQuote(const YAML::Exception& error) {
  return error.msg == YAML::ErrorMsg::EOF_IN_SCALAR || error.msg == YAML::ErrorMsg::DOC_IN_SCALAR;
}

/// Something after the first document's end; yaml-cpp needs a handler to find out.
void refuseSecondDocument(YAML::Parser& parser, const std::shared_ptr<const std::string>& file) {
  Problems ignored;
  TreeBuilder rest(file, ignored);
  if (parser.HandleNextDocument(rest) && !rest.takeRoot().isNull())
    throw YamlRefusal{0, "holds more than one YAML document; remove the '---' between them"};
}

}  // namespace

std::optional<ConfigNode> readYaml(const std::string& text, std::shared_ptr<const std::string> file,
                                   Problems& problems) {
  const auto refuse = [&](int line, const std::string& message) {
    problems.error({*file, line}, {}, message);
    return std::nullopt;
  };
  TreeBuilder builder(file, problems);
  try {
    std::istringstream stream(withItsEnd(text));
    YAML::Parser parser(stream);
    if (parser.HandleNextDocument(builder)) refuseSecondDocument(parser, file);
  } catch (const YamlRefusal& refusal) {
    return refuse(refusal.line, refusal.message);
  } catch (const YAML::Exception& error) {
    if (isOpenQuote(error))
      return refuse(builder.lastLine(),
                    "is not valid YAML: a quote that opens here or just below is never closed; "
                    "close it");
    return refuse(lineOf(error.mark),
                  "is not valid YAML: " + error.msg +
                      "; look at the quotes and the indentation there and above");
  } catch (const std::exception& error) {
    return refuse(0, std::string("is not valid YAML: ") + error.what());
  }
  ConfigNode root = builder.takeRoot();
  root.file = std::move(file);
  root.line = std::max(root.line, 1);
  return root;
}

}  // namespace scanhost
