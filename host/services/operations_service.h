// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// scanhost.host.operations/1: transports list and invoke the host's operations. An operation runs
/// on the thread that invokes it, so its reply has come when `invoke` returns. Lives as long as
/// plugins run; any thread.
#pragma once

#include <scanhost/abi/draft/operations.h>

#include <atomic>
#include <cstdint>

#include "host/abi/service_registry.h"
#include "host/operations/operations.h"

namespace scanhost {

class OperationsService {
 public:
  explicit OperationsService(const Operations& operations);
  OperationsService(const OperationsService&) = delete;
  OperationsService& operator=(const OperationsService&) = delete;

  void registerIn(ServiceRegistry& services);

 private:
  struct Table : scanhost_operations {
    OperationsService* owner = nullptr;
  };
  static scanhost_status list(const scanhost_host* host, const scanhost_caller* caller,
                              const scanhost_operation_sink* sink);
  static void invoke(const scanhost_host* host, const scanhost_invocation* invocation,
                     uint64_t* handle);
  static void cancel(const scanhost_host* host, uint64_t handle);

  const Operations& operations_;
  std::atomic<std::uint64_t> last_handle_{0};
  Table table_{};
};

}  // namespace scanhost
