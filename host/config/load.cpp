// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "host/config/load.h"

#include <unistd.h>

#include <algorithm>
#include <memory>
#include <sstream>
#include <system_error>
#include <utility>

#include "host/config/checks.h"
#include "host/config/ini_reader.h"
#include "host/config/scanners_file.h"
#include "host/config/schema.h"
#include "host/config/source_file.h"
#include "host/config/tree_reader.h"
#include "host/config/typed_value.h"
#include "host/config/yaml_reader.h"

namespace scanhost {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t max_drop_ins = 256;

bool isIni(const fs::path& path) {
  return path.extension() == ".ini" || path.extension() == ".conf";
}
bool isYaml(const fs::path& path) {
  return path.extension() == ".yaml" || path.extension() == ".yml";
}

std::optional<ConfigNode> readOneFile(const fs::path& path, Problems& problems) {
  const auto file = std::make_shared<const std::string>(path.string());
  if (!isIni(path) && !isYaml(path)) {
    problems.error({*file, 0}, {}, "its ending does not tell its form; name it .yaml or .ini");
    return std::nullopt;
  }
  const Result<SourceFile> source = readSourceFile(path, ConfigLimits::file_bytes);
  if (!source) {
    problems.error({*file, 0}, {}, source.error().message);
    return std::nullopt;
  }
  return isIni(path) ? readIni(source->text, file, problems)
                     : readYaml(source->text, file, problems);
}

/// conf.d/*.yaml in alphabetical order. A file there with another of our endings is read by nobody,
/// which its author should hear.
std::vector<fs::path> dropIns(const fs::path& main_file, Problems& problems) {
  const fs::path directory = main_file.parent_path() / "conf.d";
  std::vector<fs::path> found;
  std::error_code error;
  if (!fs::exists(directory, error)) return found;
  for (fs::directory_iterator entry(directory, error), end; !error && entry != end;
       entry.increment(error)) {
    const fs::path& path = entry->path();
    if (path.filename().string().front() == '.') continue;
    if (path.extension() == ".yaml")
      found.push_back(path);
    else if (isIni(path) || isYaml(path))
      problems.warning({path.string(), 0}, {}, "is not read; files in conf.d end in .yaml");
  }
  if (error) problems.error({directory.string(), 0}, {}, "cannot be listed: " + error.message());
  if (found.size() > max_drop_ins)
    problems.error({directory.string(), 0}, {},
                   "holds more than " + std::to_string(max_drop_ins) + " files; merge some");
  std::sort(found.begin(), found.end());
  return found;
}

std::optional<ConfigNode> readAllFiles(const fs::path& path, Problems& problems) {
  std::optional<ConfigNode> tree = readOneFile(path, problems);
  if (!tree) return std::nullopt;
  for (const fs::path& drop_in : dropIns(path, problems)) {
    std::optional<ConfigNode> over = readOneFile(drop_in, problems);
    if (!over) return std::nullopt;
    if (!over->isNull() && !over->isMap())
      problems.error(over->place(), {},
                     "expected a map of keys and values, found " + std::string(over->kindName()));
    else
      mergeInto(*tree, std::move(*over));
  }
  return tree;
}

/// Entries of the earlier file join those of `scanners`, wherever these were written.
void addScannersFile(ConfigNode& tree, const Environment& environment, Problems& problems) {
  const ConfigNode* named = tree.find("scanners_file");
  if (!named || !named->isScalar() || named->broken) return;
  Problems told_later;  // by the tree's reader, which meets the same value
  const auto path =
      typedValue(*named, *configSchema().find("scanners_file")->key, "scanners_file", told_later);
  if (!path || path->text.empty()) return;
  std::vector<ConfigNode> entries =
      readScannersFile(path->text, named->place(), environment, problems);
  ConfigNode& scanners = tree.member("scanners");
  if (scanners.isNull()) scanners.kind = ConfigNode::Kind::list;
  if (!scanners.isList()) return;
  scanners.children.insert(scanners.children.end(), std::make_move_iterator(entries.begin()),
                           std::make_move_iterator(entries.end()));
}

/// The host name in the form of a name.
std::string hostName() {
  char buffer[256] = {};
  if (gethostname(buffer, sizeof buffer - 1) != 0) return "scanhost";
  std::string name;
  for (const char* c = buffer; *c && name.size() < 64; ++c) {
    const char lower = *c >= 'A' && *c <= 'Z' ? static_cast<char>(*c - 'A' + 'a') : *c;
    name += isName("a" + std::string(1, lower)) ? lower : '-';
  }
  return isName(name) ? name : "scanhost";
}

/// Defaults that depend on other values.
void completeConfig(Config& config) {
  if (config.node.name.empty()) config.node.name = hostName();
  for (ScannerConfig& scanner : config.scanners)
    if (scanner.title.empty()) scanner.title = scanner.name;
  if (config.default_pool.empty()) {
    const std::vector<std::string> pools = config.pools();
    const bool nessus = std::find(pools.begin(), pools.end(), "nessus") != pools.end();
    if (!pools.empty()) config.default_pool = nessus ? "nessus" : pools.front();
  }
}

/// "scanners[0].title" becomes "scanners[nessus:scanner1].title": an index moves when an entry is
/// added above it, and would make every entry below look changed.
void nameScannerSettings(Config& config) {
  for (const ScannerConfig& scanner : config.scanners)
    for (Setting& setting : config.settings)
      if (setting.key.rfind(scanner.key + ".", 0) == 0)
        setting.key =
            "scanners[" + scanner.instanceKey() + "]" + setting.key.substr(scanner.key.size());
}

std::optional<ConfigNode> wholeTree(const fs::path& path, const Environment& environment,
                                    Problems& problems) {
  std::optional<ConfigNode> tree = readAllFiles(path, problems);
  if (!tree) return std::nullopt;
  expandTree(*tree, environment, ExpansionForm::current, problems);
  addScannersFile(*tree, environment, problems);
  return tree;
}

/// "node.data_dir": "node", "data_dir".
std::vector<std::string> stepsOf(const std::string& key) {
  std::vector<std::string> steps;
  std::istringstream in(key);
  for (std::string step; std::getline(in, step, '.');) steps.push_back(step);
  return steps;
}

}  // namespace

TreeOutcome loadTree(const fs::path& path, const Environment& environment) {
  Problems problems;
  std::optional<ConfigNode> tree = wholeTree(path, environment, problems);
  return {std::move(tree), problems.take()};
}

std::optional<fs::path> pathIn(const ConfigNode& tree, const std::string& key, Problems& problems) {
  const SchemaNode* schema = &configSchema();
  const ConfigNode* node = &tree;
  for (const std::string& step : stepsOf(key)) {
    if (node && !node->isMap() && !node->isNull()) {
      problems.error(node->place(), key,
                     "expected a map above it, found " + std::string(node->kindName()));
      return std::nullopt;
    }
    node = node ? node->find(step) : nullptr;
    schema = schema->find(step);
  }
  if (!node) return schema->key->default_text;
  const auto value = typedValue(*node, *schema->key, key, problems);
  if (!value) return std::nullopt;
  return value->text;
}

PathOutcome loadPath(const fs::path& file, const Environment& environment, const std::string& key) {
  Problems problems;
  std::optional<ConfigNode> tree = readAllFiles(file, problems);
  if (!tree || problems.anyError()) return {std::nullopt, problems.take()};
  ConfigNode* node = &*tree;
  for (const std::string& step : stepsOf(key)) node = node ? node->find(step) : nullptr;
  if (node) expandTree(*node, environment, ExpansionForm::current, problems, key);
  auto path = pathIn(*tree, key, problems);
  return {std::move(path), problems.take()};
}

LoadOutcome loadConfig(const fs::path& path, const Environment& environment) {
  Problems problems;
  const std::optional<ConfigNode> tree = wholeTree(path, environment, problems);
  if (!tree) return {std::nullopt, problems.take()};
  Config config = readTree(*tree, problems);
  checkConfig(config, *tree, isIni(path), problems);
  if (problems.anyError()) return {std::nullopt, problems.take()};
  completeConfig(config);
  nameScannerSettings(config);
  return {std::move(config), problems.take()};
}

ConfigChanges changesBetween(const Config& before, const Config& after) {
  std::map<std::string, std::pair<const Setting*, const Setting*>> both;
  for (const Setting& setting : before.settings) both[setting.key].first = &setting;
  for (const Setting& setting : after.settings) both[setting.key].second = &setting;
  ConfigChanges changes;
  for (const auto& [key, pair] : both) {
    const auto& [old_one, new_one] = pair;
    if (old_one && new_one && old_one->value == new_one->value) continue;
    changes.changed.push_back(key);
    if (!(new_one ? new_one : old_one)->reloadable) changes.restart_required.push_back(key);
  }
  return changes;
}

}  // namespace scanhost
