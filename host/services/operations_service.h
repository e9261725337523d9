// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// scanhost.host.operations/1: transports list, request and watch all that the node offers; plugins
/// that offer operations tell of changes. Lives as long as plugins run; any thread.
#pragma once

#include <scanhost/abi/host_operations.h>

#include "host/abi/service_registry.h"
#include "host/operations/catalogue.h"

namespace scanhost {

class OperationsService {
 public:
  explicit OperationsService(Catalogue& catalogue);
  OperationsService(const OperationsService&) = delete;
  OperationsService& operator=(const OperationsService&) = delete;

  void registerIn(ServiceRegistry& services);

 private:
  struct Table : scanhost_host_operations {
    Catalogue* catalogue = nullptr;
  };
  static Catalogue& of(const scanhost_host* host);
  static scanhost_status list(const scanhost_host* host, int32_t what,
                              const scanhost_caller* caller, scanhost_text cursor,
                              const scanhost_listing_sink* sink);
  static void request(const scanhost_host* host, const scanhost_invocation* invocation,
                      uint64_t* handle);
  static void cancel(const scanhost_host* host, uint64_t handle);
  static scanhost_status watch(const scanhost_host* host, const scanhost_watch* watch,
                               void** handle);
  static void unwatch(const scanhost_host* host, void* handle);
  static void changed(const scanhost_host* host, uint32_t kind, scanhost_text name);

  Table table_{};
};

}  // namespace scanhost
