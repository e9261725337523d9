// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "host/app/exporter_succession.h"

#include <algorithm>

namespace scanhost {
namespace {

/// The single values that stand in both at the same place.
std::size_t countEqual(const Json& a, const Json& b) {
  std::size_t equal = 0;
  if (a.isObject()) {
    for (const auto& [name, value] : a.members()) equal += countEqual(value, b[name]);
  } else if (a.isArray()) {
    for (std::size_t i = 0; i < std::min(a.items().size(), b.items().size()); ++i)
      equal += countEqual(a.items()[i], b.items()[i]);
  } else if (a == b) {
    equal = 1;
  }
  return equal;
}

struct Pair {
  std::size_t coming, leaving;
  std::size_t equal, different;
};

}  // namespace

std::vector<std::optional<std::size_t>> findPredecessors(
    const std::vector<ExporterSettings>& coming, const std::vector<ExporterSettings>& leaving) {
  std::vector<Pair> pairs;
  for (std::size_t i = 0; i < coming.size(); ++i)
    for (std::size_t j = 0; j < leaving.size(); ++j) {
      if (coming[i].plugin != leaving[j].plugin) continue;
      const Json &now = coming[i].config, &before = leaving[j].config;
      const std::size_t equal = countEqual(now, before);
      pairs.push_back({i, j, equal, countEqual(now, now) + countEqual(before, before) - 2 * equal});
    }
  std::stable_sort(pairs.begin(), pairs.end(), [](const Pair& a, const Pair& b) {
    return a.equal != b.equal ? a.equal > b.equal : a.different < b.different;
  });

  std::vector<std::optional<std::size_t>> predecessors(coming.size());
  std::vector<bool> has_successor(leaving.size());
  for (const Pair& pair : pairs) {
    if (predecessors[pair.coming] || has_successor[pair.leaving]) continue;
    predecessors[pair.coming] = pair.leaving;
    has_successor[pair.leaving] = true;
  }
  return predecessors;
}

}  // namespace scanhost
