// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

#include "plugins/results/sqlite/config.h"

#include "plugins/shared/sqlite/store.h"

namespace scanhost::results_sqlite {

Config readConfig(const Settings& settings) {
  const std::string synchronous = settings["synchronous"].asString("full");
  if (synchronous != "full" && synchronous != "normal")
    throw PluginError(ErrorClass::config,
                      "results-sqlite: synchronous is '" + synchronous + "'; write full or normal");
  return {sqlite::storePath(settings, "results.db"), synchronous == "full"};
}

}  // namespace scanhost::results_sqlite
