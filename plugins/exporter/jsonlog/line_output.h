// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// Where log lines go: a spdlog sink behind two functions, so that its headers are compiled once.
///
/// Synchronous and buffered: asynchronous writing gains nothing once the disk is the limit, and
/// would lose what a crash leaves in its queue. One thread at a time.
#pragma once

#include <memory>
#include <string_view>

#include "plugins/exporter/jsonlog/config.h"

namespace scanhost {

class LineOutput {
 public:
  virtual ~LineOutput() = default;

  /// Opens what `config` names. Throws PluginError (config, backend) when it cannot be opened.
  static std::unique_ptr<LineOutput> open(const JsonlogConfig& config);

  /// Adds the line and a newline. Throws PluginError (transient, backend) when it cannot be
  /// written.
  virtual void write(std::string_view line) = 0;
  virtual void flush() = 0;
};

}  // namespace scanhost
