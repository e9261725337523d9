// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// The host's service surface: named operations with a schema for what goes in and what comes out.
///
/// What is checked, counted and logged here holds for every protocol. Operations are added while
/// the node starts; after that any thread may list and invoke.
#pragma once

#include <scanhost/json.h>

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <vector>

#include "host/base/caller.h"
#include "host/operations/provider.h"
#include "host/operations/service_error.h"
#include "host/policy/audit_entry.h"
#include "host/telemetry/event_log.h"
#include "host/telemetry/metrics.h"
#include "host/telemetry/spans.h"
#include "host/telemetry/trace.h"

namespace scanhost {

/// What an operation knows about the call it serves.
struct OperationContext {
  Caller caller;
  TraceContext trace;
  std::int64_t deadline_ns = INT64_MAX;  ///< CLOCK_MONOTONIC
  /// Tells the caller how far it is: done, total (0 unknown), text. May be empty.
  std::function<void(double, double, std::string_view)> progress = {};
  /// Nobody waits for the answer any more. Null for operations that end before run() returns.
  std::shared_ptr<const CancelSource> cancelled = {};
  SpanLog* spans = nullptr;  ///< takes the spans of what is called meanwhile; null: none
};

struct OperationAnswer {
  Json structured;
  std::string text = {};                 ///< what people read; empty: the structured value as JSON
  std::vector<ResourceInfo> links = {};  ///< resources that go on from here
  /// The scan that goes on, for a client that can be given a task instead of this answer.
  std::string task_id = {};
};

using OperationResult = tl::expected<OperationAnswer, ServiceError>;

struct Operation {
  std::string name, title, description;
  Json input_schema, output_schema;
  std::uint32_t flags = 0;  ///< SCANHOST_OPERATION_*
  bool operators_only = false;
  /// Arguments that tool_invocation shows, cut where they are long; nothing else of a request
  /// reaches the log.
  std::vector<std::string> logged_arguments = {};
  /// An act that goes into the audit ledger, with its logged arguments and these members of its
  /// answer. Only of operations that `run`.
  std::optional<AuditKind> audit_kind = {};
  std::vector<std::string> audited_results = {};
  std::function<OperationResult(const Json& arguments, const OperationContext& context)> run = {};
  /// Instead of `run`: ends by calling `done` exactly once, now or later, from any thread.
  std::function<void(const Json& arguments, const OperationContext& context,
                     std::function<void(OperationResult)> done)>
      begin = {};
};

/// An operation's outcome as clients get it.
struct OperationOutcome {
  std::string text;  ///< empty: the structured value as JSON
  Json structured;
  bool is_error = false;
  std::vector<ResourceInfo> links = {};
  std::string task_id = {};
};

class Operations final : public Provider {
 public:
  /// What a task of these operations is, by the scan that it stands for.
  using Tasks = std::function<void(const ProviderCall& call, ReplySink& sink)>;

  Operations(EventLog& events, Metrics& metrics) : events_(events), metrics_(metrics) {}

  /// Where acts are written down, each before its answer goes out. Without it they are not.
  void auditBy(std::function<void(AuditEntry)> audit) { audit_ = std::move(audit); }

  void add(Operation operation);

  /// What this caller may use, by name in order of addition.
  std::vector<const Operation*> list(const Caller& caller) const;

  /// False when there is no such operation for this caller; otherwise `done` is called exactly
  /// once, now or later.
  bool invoke(std::string_view name, const Json& arguments, const OperationContext& context,
              std::function<void(OperationOutcome)> done) const;
  /// What an operation of the service answers to another part of it, which is no call of a client:
  /// neither counted nor logged. Internal where there is none for this caller. Not for arguments
  /// that make it wait.
  OperationResult perform(std::string_view name, const Json& arguments,
                          const OperationContext& context) const;
  /// Borrowed; takes the spans of what operations call. Set before anything is requested.
  void traceWith(SpanLog& spans) { spans_ = &spans; }
  /// Answers requests for tasks; without it there are none.
  void answerTasks(Tasks tasks) { tasks_ = std::move(tasks); }

  std::string_view name() const override { return own_provider; }
  Status list(ListKind what, const Caller& caller, std::string_view cursor,
              ListedPage& page) override;
  void request(const ProviderCall& call, std::unique_ptr<ReplySink> sink) override;
  bool endsAtOnce(const OperationRequest& request) const override;

 private:
  const Operation* find(std::string_view name, const Caller& caller) const;
  OperationResult runAudited(const Operation& operation, const Json& arguments,
                             const OperationContext& context) const;
  void logInvocation(const Operation& operation, const Json& arguments,
                     const OperationContext& context) const;
  OperationOutcome settle(const Operation& operation, const OperationContext& context,
                          std::chrono::steady_clock::time_point began,
                          OperationResult result) const;
  void requestOperation(const ProviderCall& call, std::unique_ptr<ReplySink> sink);

  EventLog& events_;
  Metrics& metrics_;
  SpanLog* spans_ = nullptr;
  std::vector<Operation> operations_;
  std::function<void(AuditEntry)> audit_;
  Tasks tasks_;
};

/// {"type":"object","anyOf":[success, error]}: clients exist that validate errors too.
Json outputSchema(Json success);
/// The schema of ServiceError::toJson().
Json errorSchema();

}  // namespace scanhost
