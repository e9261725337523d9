// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "plugins/transport/mcp/config.h"

namespace scanhost::mcp {

Config::Config(const Settings& settings)
    : path(settings["path"].asString("/mcp")),
      max_sessions(static_cast<std::size_t>(settings["max_sessions"].asInteger(1000))),
      session_idle(settings["session_idle_s"].asInteger(3600)),
      errors_as_results(settings["errors"].asString() == "result"),
      instructions(settings["instructions"].asString()) {}

}  // namespace scanhost::mcp
