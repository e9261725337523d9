// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// What the host does with a configuration's tree once it is read, without touching files. (Text
/// that is no UTF-8 is refused by readSourceFile, before a reader sees it.)
#pragma once

#include "host/config/checks.h"
#include "host/config/interpolate.h"
#include "host/config/source_file.h"
#include "host/config/tree_reader.h"
#include "tests/fuzz/fuzz_target.h"

namespace scanhost::fuzz {

inline std::size_t countValues(const ConfigNode& node, std::size_t depth = 0) {
  require(depth <= ConfigLimits::depth, "a tree is no deeper than its bound");
  std::size_t count = 1;
  for (const ConfigNode& child : node.children) count += countValues(child, depth + 1);
  return count;
}

/// No file may be named: `${file:...}` would read what lies on this machine.
inline bool namesFiles(const ConfigNode& node) {
  if (node.text.find("file:") != std::string::npos) return true;
  for (const ConfigNode& child : node.children)
    if (namesFiles(child)) return true;
  return false;
}

inline void useTree(ConfigNode& tree, bool ini, Problems& problems) {
  require(countValues(tree) <= ConfigLimits::values + 1, "a tree is no larger than its bound");
  const Json value = tree.toJson();
  require(Json::tryParse(value.dump()).has_value(), "a tree is JSON");
  if (namesFiles(tree)) return;
  expandTree(tree, {{"NAME", "value"}, {"LIST", "a, b"}}, ExpansionForm::current, problems);
  const Config config = readTree(tree, problems);
  checkConfig(config, tree, ini, problems);
  for (const Problem& problem : problems.take())
    require(!formatProblem(problem).empty(), "a problem has words");
}

}  // namespace scanhost::fuzz
