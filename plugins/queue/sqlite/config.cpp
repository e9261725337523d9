// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

#include "plugins/queue/sqlite/config.h"

#include "plugins/shared/sqlite/store.h"

namespace scanhost::queue_sqlite {

Config readConfig(const Settings& settings) {
  const std::string synchronous = settings["synchronous"].asString("full");
  if (synchronous != "full" && synchronous != "normal")
    throw PluginError(ErrorClass::config,
                      "queue-sqlite: synchronous is '" + synchronous + "'; write full or normal");
  return {sqlite::storePath(settings, "queue.db"), synchronous == "full"};
}

}  // namespace scanhost::queue_sqlite
