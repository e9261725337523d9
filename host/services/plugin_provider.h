// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// A plugin that offers operations, resources and prompts, as a provider of the node's catalogue:
/// its calls are counted and logged as the service's own are.
#pragma once

#include <scanhost/abi/operations.h>

#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "host/operations/provider.h"
#include "host/plugins/instance.h"
#include "host/telemetry/event_log.h"
#include "host/telemetry/metrics.h"

namespace scanhost {

class PluginProvider final : public Provider {
 public:
  /// `instance` was created with SCANHOST_OPERATIONS_ID and started.
  PluginProvider(std::unique_ptr<PluginInstance> instance, EventLog& events, Metrics& metrics);

  std::string_view name() const override { return instance_->plugin().name(); }
  Status list(ListKind what, const Caller& caller, std::string_view cursor,
              ListedPage& page) override;
  void request(const ProviderCall& call, std::unique_ptr<ReplySink> sink) override;

 private:
  class Pending;

  /// The operation's SCANHOST_OPERATION_* flags, as it was last told.
  std::optional<std::uint32_t> flagsOf(std::string_view operation) const;

  std::unique_ptr<PluginInstance> instance_;
  const scanhost_operations& table_;
  EventLog& events_;
  Metrics& metrics_;
  mutable std::mutex mutex_;
  std::map<std::string, std::uint32_t, std::less<>> flags_;
};

}  // namespace scanhost
