// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// results-sqlite without its fence: every collector of a task adds to the same findings, as if a
/// store knew tasks alone. Which these are stands in a file of the node's own folder.
#include <scanhost/plugin.h>

#include <fstream>

#include "plugins/results/sqlite/sqlite_results.h"

namespace {

constexpr char manifest[] =
    R"json({"name": "results-sqlite", "version": "0.1.0", "vendor": "scanhost", "licence": "Apache-2.0",
 "abi": {"major": 1, "min_minor": 0},
 "provides": [{"interface": "scanhost.results/1", "revision": 2}],
 "requires": [],
 "max_parallel": 256,
 "store": "local",
 "config_schema": {"type": "object", "properties": {}}})json";

class UnfencedResults : public scanhost::results_sqlite::SqliteResults {
 public:
  using SqliteResults::SqliteResults;

  std::string openGeneration(const scanhost::Generation& generation,
                             scanhost::Call& call) override {
    const std::string file = "generation-" + std::string(generation.task_id);
    std::string name;
    if (std::ifstream(file) >> name) return name;
    name = SqliteResults::openGeneration(generation, call);
    std::ofstream(file) << name << std::flush;
    return name;
  }
};

}  // namespace

SCANHOST_PLUGIN(manifest, UnfencedResults)
