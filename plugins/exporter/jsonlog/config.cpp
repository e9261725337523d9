// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "plugins/exporter/jsonlog/config.h"

#include <scanhost/error.h>

namespace scanhost {
namespace {

JsonlogConfig::Output readOutput(const std::string& name) {
  if (name == "file") return JsonlogConfig::Output::file;
  if (name == "journald") return JsonlogConfig::Output::journald;
  return name == "stderr" ? JsonlogConfig::Output::standard_error
                          : JsonlogConfig::Output::standard_output;
}

std::int32_t readLevel(const std::string& name) {
  if (name == "error") return SCANHOST_LEVEL_ERROR;
  if (name == "warning") return SCANHOST_LEVEL_WARNING;
  return name == "info" ? SCANHOST_LEVEL_INFO : SCANHOST_LEVEL_DEBUG;
}

/// The settings of an output are refused beside another one.
void refuseUnused(const Json& settings, const std::string& output) {
  const std::string chosen = settings["output"].asString("stdout");
  if (settings[output].isObject() && chosen != output)
    throw PluginError(ErrorClass::config, output + " is set, and output is " + chosen +
                                              "; set output: " + output + " or remove " + output);
}

}  // namespace

JsonlogConfig JsonlogConfig::read(const Json& settings) {
  JsonlogConfig config;
  config.output = readOutput(settings["output"].asString());
  config.level = readLevel(settings["level"].asString());
  const Json& file = settings["file"];
  refuseUnused(settings, "file");
  refuseUnused(settings, "journald");
  if (config.output == Output::file && !file.isObject())
    throw PluginError(
        ErrorClass::config,
        "output is file, and file is missing; add file: {path: /var/log/scanhost/scanhost.log}");
  config.path = file["path"].asString();
  config.max_size = static_cast<std::size_t>(
      file["max_size"].asInteger(static_cast<std::int64_t>(config.max_size)));
  config.max_files = static_cast<std::size_t>(
      file["max_files"].asInteger(static_cast<std::int64_t>(config.max_files)));
  config.socket = settings["journald"]["socket"].asString(config.socket);
  return config;
}

}  // namespace scanhost
