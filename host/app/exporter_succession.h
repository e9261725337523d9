// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// Which exporter of a reload takes the place of which: entries have no names, so that one that
/// changed is told from one that is new only by how much of its settings stayed.
#pragma once

#include <scanhost/json.h>

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace scanhost {

struct ExporterSettings {
  std::string plugin;
  Json config;
};

/// For each that comes the index of the one that leaves whose place it takes, or nothing. Those of
/// one plugin are paired, each once: first who have most settings in common, of these who differ in
/// fewest, and then by their order.
std::vector<std::optional<std::size_t>> findPredecessors(
    const std::vector<ExporterSettings>& coming, const std::vector<ExporterSettings>& leaving);

}  // namespace scanhost
