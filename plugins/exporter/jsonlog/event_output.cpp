// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "plugins/exporter/jsonlog/event_output.h"

#include <scanhost/error.h>
#include <unistd.h>

#include "plugins/exporter/jsonlog/journal_output.h"
#include "plugins/exporter/jsonlog/line_output.h"

namespace scanhost {

void failWrite(const std::string& why) {
  throw PluginError(ErrorClass::transient, "events cannot be written: " + why,
                    ErrorSubject::backend);
}

std::unique_ptr<EventOutput> EventOutput::open(const JsonlogConfig& config) {
  switch (config.output) {
    case JsonlogConfig::Output::file:
      return std::make_unique<LineOutput>(std::make_unique<LogFile>(config));
    case JsonlogConfig::Output::journald: return std::make_unique<JournalOutput>(config.socket);
    case JsonlogConfig::Output::standard_error:
      return std::make_unique<LineOutput>(
          std::make_unique<StandardStream>(STDERR_FILENO, "standard error"));
    case JsonlogConfig::Output::standard_output: break;
  }
  return std::make_unique<LineOutput>(
      std::make_unique<StandardStream>(STDOUT_FILENO, "standard output"));
}

}  // namespace scanhost
