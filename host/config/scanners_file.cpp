// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "host/config/scanners_file.h"

#include <array>
#include <memory>
#include <utility>

#include "host/config/source_file.h"
#include "host/config/value_text.h"
#include "host/config/yaml_reader.h"

namespace scanhost {
namespace {

/// Keys of an earlier entry that are ours under another name, or the same one.
constexpr std::array<std::pair<std::string_view, std::string_view>, 5> own_keys{
    {{"instance_id", "name"},
     {"name", "title"},
     {"plugin", "plugin"},
     {"enabled", "enabled"},
     {"max_concurrent_scans", "max_concurrent_scans"}}};

/// Always text to the earlier service, also when it looks like a number.
constexpr std::array<std::string_view, 3> text_keys{"url", "username", "password"};

void setText(ConfigNode& map, std::string_view key, std::string text) {
  ConfigNode& node = map.member(key);
  node.kind = ConfigNode::Kind::scalar;
  node.quoted = true;
  node.text = std::move(text);
}

void moveKey(ConfigNode& entry, ConfigNode child) {
  for (const auto& [earlier, ours] : own_keys)
    if (child.name == earlier) {
      child.name = ours;
      if (!child.isNull()) entry.children.push_back(std::move(child));
      return;
    }
  for (const std::string_view key : text_keys)
    if (child.name == key) child.quoted = true;
  entry.member("config").member(child.name) = std::move(child);
}

class EarlierFile {
 public:
  explicit EarlierFile(Problems& problems) : problems_(problems) {}

  std::vector<ConfigNode> entriesOf(ConfigNode tree) {
    if (!tree.isMap() && !tree.isNull())
      problems_.error(
          tree.place(), {},
          "expected pools, each with a list of scanners, found " + std::string(tree.kindName()));
    for (ConfigNode& pool : tree.children)
      if (tree.isMap()) readPool(pool);
    if (entries_.empty() && !problems_.anyErrorIn(tree.place().file))
      problems_.error(
          tree.place(), {},
          "holds no scanners; add a pool with at least one entry, or remove scanners_file");
    return std::move(entries_);
  }

 private:
  void readPool(ConfigNode& pool) {
    if (!isName(pool.name))
      return problems_.error(pool.place(), {},
                             "the pool " + quotedForMessage(pool.name) +
                                 " is not named by a-z, 0-9, '_', '.' and '-'");
    if (!pool.isList())
      return problems_.error(pool.place(), pool.name,
                             "expected a list of scanners, found " + std::string(pool.kindName()));
    for (std::size_t i = 0; i < pool.children.size(); ++i)
      readEntry(pool.name, pool.children[i], pool.name + "[" + std::to_string(i) + "]");
  }

  void readEntry(const std::string& pool, ConfigNode& earlier, const std::string& label) {
    if (!earlier.isMap())
      return problems_.error(earlier.place(), label,
                             "expected a scanner's keys, found " + std::string(earlier.kindName()));
    const ConfigNode* id = earlier.find("instance_id");
    if (!id || id->isNull())
      return problems_.error(earlier.place(), label + ".instance_id",
                             "is missing; give the scanner a name");
    ConfigNode entry;
    entry.kind = ConfigNode::Kind::map;
    entry.file = earlier.file;
    entry.line = earlier.line;
    for (ConfigNode& child : earlier.children) moveKey(entry, std::move(child));
    setText(entry, "pool", pool);
    if (!entry.find("plugin")) {
      if (pool.rfind("nessus", 0) != 0)
        return problems_.error(entry.place(), label + ".plugin",
                               "is missing; only pools beginning 'nessus' have a default");
      setText(entry, "plugin", "scanner-nessus");
    }
    entries_.push_back(std::move(entry));
  }

  Problems& problems_;
  std::vector<ConfigNode> entries_;
};

}  // namespace

std::vector<ConfigNode> earlierEntries(ConfigNode tree, Problems& problems) {
  return EarlierFile(problems).entriesOf(std::move(tree));
}

std::vector<ConfigNode> readScannersFile(const std::filesystem::path& path, const Place& named_at,
                                         const Environment& environment, Problems& problems) {
  const Result<SourceFile> source = readSourceFile(path, ConfigLimits::file_bytes);
  if (!source) {
    problems.error(named_at, "scanners_file",
                   quotedForMessage(path.string()) + " " + source.error().message);
    return {};
  }
  const auto file = std::make_shared<const std::string>(path.string());
  std::optional<ConfigNode> tree = readYaml(source->text, file, problems);
  if (!tree) return {};
  expandTree(*tree, environment, ExpansionForm::earlier, problems);
  return earlierEntries(std::move(*tree), problems);
}

}  // namespace scanhost
