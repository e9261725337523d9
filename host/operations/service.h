// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// What the service's operations are made of, and the one function that offers them all.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "host/base/keyring.h"
#include "host/operations/exports.h"
#include "host/operations/operations.h"
#include "host/operations/reload.h"
#include "host/operations/status_waits.h"
#include "host/tasks/accepting.h"
#include "host/tasks/instance_reports.h"
#include "host/tasks/task_documents.h"
#include "host/tasks/work.h"

namespace scanhost {

/// Where exports lie, and how a client reaches them.
struct ExportService {
  Exports& files;
  /// The address of an export, from the last part of its path.
  std::function<std::string(std::string_view link)> url;
};

/// References to what the node owns; all of it outlives the operations. Any thread.
struct Service {
  const Work& work;
  const Keyring& keys;
  const InstanceReports& reports;
  /// Adds the fields that answers carry under historic names ("nessus_scan_id").
  std::function<void(const QueuedTask& task, std::string_view scanner_type, Json& answer)>
      add_historic_fields;
  const Accepting& accepting;
  /// Reads the configuration again and applies it.
  std::function<ReloadResult(const TraceContext& trace)> reload = {};
  StatusWaits* waits = nullptr;      ///< null: no call waits
  ExportService* exports = nullptr;  ///< null: nothing is exported
};

/// Adds every operation that this version has. `service` outlives `operations`.
void addServiceOperations(Operations& operations, const Service& service);

// One for each file that defines them.
void addSubmitOperations(Operations& operations, const Service& service);
void addStatusOperation(Operations& operations, const Service& service);
void addPlanOperation(Operations& operations, const Service& service);
void addResultsOperation(Operations& operations, const Service& service);
void addCompareOperation(Operations& operations, const Service& service);
void addExportOperation(Operations& operations, const Service& service);
void addListTasksOperation(Operations& operations, const Service& service);
void addInfrastructureOperations(Operations& operations, const Service& service);
void addCancelOperation(Operations& operations, const Service& service);
void addPauseOperation(Operations& operations, const Service& service);
void addResumeOperation(Operations& operations, const Service& service);
void addDeleteOperation(Operations& operations, const Service& service);
void addListDeadLettersOperation(Operations& operations, const Service& service);
void addRedriveOperation(Operations& operations, const Service& service);
void addPurgeOperation(Operations& operations, const Service& service);
void addReloadOperation(Operations& operations, const Service& service);
void addListAuditOperation(Operations& operations, const Service& service);
void addKillSwitchOperations(Operations& operations, const Service& service);

/// The task, if it exists and this caller may see it; otherwise it looks unknown.
tl::expected<QueuedTask, ServiceError> findTask(const Service& service, const std::string& task_id,
                                                const OperationContext& context);

/// What is wrong with the name of a pool that was given; nothing when none was.
std::optional<ServiceError> knownPool(const Service& service,
                                      const std::optional<std::string>& pool);

/// Options of a queue or store call made for an operation.
CallOptions callFor(const OperationContext& context, std::chrono::nanoseconds timeout);

/// Null for "not yet".
Json timeOrNull(std::int64_t micros);
Json textOrNull(const std::string& text);
/// One decimal, as percentages are shown.
double oneDecimal(double value);

}  // namespace scanhost
