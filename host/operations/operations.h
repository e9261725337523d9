// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// The host's service surface: named operations with a schema for what goes in and what comes out.
///
/// Transports reach the service through this list and nothing else, so what is checked, counted and
/// logged here holds for every protocol. Operations are added while the node starts; after that any
/// thread may list and invoke.
#pragma once

#include <scanhost/json.h>

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <vector>

#include "host/base/caller.h"
#include "host/operations/service_error.h"
#include "host/telemetry/event_log.h"
#include "host/telemetry/metrics.h"
#include "host/telemetry/trace.h"

namespace scanhost {

/// What an operation knows about the call it serves.
struct OperationContext {
  const Caller& caller;
  TraceContext trace;
  std::int64_t deadline_ns = INT64_MAX;  ///< CLOCK_MONOTONIC
  /// Tells the caller how far it is: done, total (0 unknown), text. May be empty.
  std::function<void(double, double, std::string_view)> progress = {};
};

struct OperationAnswer {
  Json structured;
  std::string text = {};  ///< what people read; empty: the structured value as JSON
};

using OperationResult = tl::expected<OperationAnswer, ServiceError>;

struct Operation {
  std::string name, title, description;
  Json input_schema, output_schema;
  std::uint32_t flags = 0;  ///< SCANHOST_OPERATION_*
  bool operators_only = false;
  /// Arguments that tool_invocation shows; nothing else of a request reaches the log.
  std::vector<std::string> logged_arguments = {};
  std::function<OperationResult(const Json& arguments, const OperationContext& context)> run;
};

/// An operation's outcome as clients get it.
struct OperationOutcome {
  std::string text;
  Json structured;
  bool is_error = false;
};

class Operations {
 public:
  Operations(EventLog& events, Metrics& metrics) : events_(events), metrics_(metrics) {}

  void add(Operation operation);

  /// What this caller may use, by name in order of addition.
  std::vector<const Operation*> list(const Caller& caller) const;

  /// Nothing when there is no such operation for this caller.
  std::optional<OperationOutcome> invoke(std::string_view name, const Json& arguments,
                                         const OperationContext& context) const;

 private:
  const Operation* find(std::string_view name, const Caller& caller) const;
  void logInvocation(const Operation& operation, const Json& arguments,
                     const OperationContext& context) const;

  EventLog& events_;
  Metrics& metrics_;
  std::vector<Operation> operations_;
};

/// {"type":"object","anyOf":[success, error]}: clients exist that validate errors too.
Json outputSchema(Json success);
/// The schema of ServiceError::toJson().
Json errorSchema();

}  // namespace scanhost
