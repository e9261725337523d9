// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// scanhost.host.process/1: programs for plugins, which must not fork themselves. See program.h.
/// Any thread; lives as long as plugins run.
#pragma once

#include <scanhost/abi/services.h>

#include "host/abi/service_registry.h"

namespace scanhost {

class ProcessService {
 public:
  ProcessService();
  ProcessService(const ProcessService&) = delete;
  ProcessService& operator=(const ProcessService&) = delete;

  void registerIn(ServiceRegistry& services);

 private:
  scanhost_process table_{};
};

}  // namespace scanhost
