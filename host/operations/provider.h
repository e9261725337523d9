// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// Whoever offers operations, resources and prompts to clients: the service itself, or a plugin.
#pragma once

#include <scanhost/host_operations.h>

#include <cstdint>
#include <memory>
#include <string_view>

#include "host/abi/host_call.h"
#include "host/base/caller.h"
#include "host/base/result.h"
#include "host/telemetry/trace.h"

namespace scanhost {

/// The name of the provider that offers the service's own operations.
inline constexpr std::string_view own_provider = "scanhost";

/// A request on its way to a provider. Borrowed for the call; what a provider needs later it
/// copies.
struct ProviderCall {
  const OperationRequest& request;
  const Caller& caller;  ///< that of the request, as the host has it
  TraceContext trace;
  std::int64_t deadline_ns = INT64_MAX;                ///< CLOCK_MONOTONIC
  std::shared_ptr<const CancelSource> cancelled = {};  ///< null: ends before request() returns
};

/// Any thread, many at once.
class Provider {
 public:
  virtual ~Provider() = default;

  /// Unique in a node; part of every handle of a task.
  virtual std::string_view name() const = 0;
  /// One page, in a stable order. Unsupported for a cursor that this provider never gave.
  virtual Status list(ListKind what, const Caller& caller, std::string_view cursor,
                      ListedPage& page) = 0;
  /// Ends `sink` exactly once, now or later.
  virtual void request(const ProviderCall& call, std::unique_ptr<ReplySink> sink) = 0;

  /// Whether `request` surely ends its sink before it returns, so that nothing is left to cancel.
  virtual bool endsAtOnce(const OperationRequest&) const { return false; }
  /// Whether this caller may hear of changes of that resource.
  virtual bool mayWatch(std::string_view /*uri*/, const Caller&) { return true; }
};

}  // namespace scanhost
