// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// scanhost.host.clock/1: time as the host has it, which tests may turn. Any thread.
#pragma once

#include <scanhost/abi/services.h>

#include <cstdint>
#include <functional>

#include "host/abi/service_registry.h"

namespace scanhost {

class ClockService {
 public:
  struct Source {
    std::function<std::int64_t()> wall_us;
    std::function<std::int64_t()> monotonic_ns;
  };

  /// The system's clocks.
  ClockService();
  explicit ClockService(Source source);
  ClockService(const ClockService&) = delete;
  ClockService& operator=(const ClockService&) = delete;

  void registerIn(ServiceRegistry& services);

 private:
  struct Table : scanhost_clock {
    ClockService* owner = nullptr;
  };
  static const Source& sourceOf(const scanhost_host* host);

  const Source source_;
  Table table_{};
};

}  // namespace scanhost
