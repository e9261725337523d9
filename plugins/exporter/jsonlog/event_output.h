// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// Where events go: a standard stream, a file, or the journal. None of them is waited for longer
/// than `patience` without any progress. One thread at a time.
#pragma once

#include <scanhost/abi/exporter.h>

#include <chrono>
#include <memory>
#include <string>

#include "plugins/exporter/jsonlog/config.h"

namespace scanhost {

class EventOutput {
 public:
  static constexpr std::chrono::milliseconds patience{1000};

  virtual ~EventOutput() = default;

  /// Opens what `config` names. Throws PluginError (config, backend) when it cannot be opened.
  static std::unique_ptr<EventOutput> open(const JsonlogConfig& config);

  /// Takes the event; it may wait in a bounded buffer until flush(). Throws PluginError (transient,
  /// backend) without having taken it when nothing more can be written for now.
  virtual void write(const scanhost_logged_event& event) = 0;
  /// Returns when everything taken is written; throws the same, and what is not written yet stays.
  virtual void flush() = 0;
};

/// Throws what a write that failed for now is told as: transient, of the backend.
[[noreturn]] void failWrite(const std::string& why);

}  // namespace scanhost
