// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "host/operations/task_removal.h"

#include <string>
#include <utility>

#include "host/tasks/launch.h"
#include "host/tasks/task_id.h"

namespace scanhost {
namespace {

/// The removal of one task's scans from one scanner.
class RemoteCleaning {
 public:
  RemoteCleaning(const Service& service, const ScannerInstance& scanner, const QueuedTask& task,
                 const OperationContext& context)
      : service_(service), scanner_(scanner), task_(task), context_(context) {}

  tl::expected<RemoteRemoval, ServiceError> run() {
    const Status cleaned = scanner_.can(SCANHOST_SCANNER_FINDS) ? removeFound() : removeStored();
    if (cleaned) return removed_ ? RemoteRemoval::deleted : RemoteRemoval::absent;
    const std::string message = scanner_.settings().key() + ": " + cleaned.error().message;
    ServiceError error = cleaned.error().error_class == ErrorClass::unsupported
                             ? ServiceError::unsupported(message)
                             : ServiceError::unavailable(message);
    error.hint = "Try again later, or pass delete_remote: false to leave the scanner's part";
    return tl::unexpected<ServiceError>(std::move(error));
  }

 private:
  CallOptions options() const { return callFor(context_, Work::scanner_timeout); }

  Status removeFound() {
    const auto found = scanner_.client().find(markerPrefix(task_.id), options());
    if (!found) return tl::unexpected<Error>(found.error());
    for (const RemoteState& state : *found) {
      const auto marker = findMarker(state.marker);
      if (!marker || marker->task_id != task_.id || state.state == RemoteStatus::gone) continue;
      if (!isOwnScan(state, task_)) continue;
      if (Status removed = remove({state.reference, state.run_id, state.marker}); !removed)
        return removed;
    }
    return {};
  }

  /// A scanner that cannot list its scans checks the marker itself.
  Status removeStored() {
    if (task_.reference.empty()) return {};
    return remove(remoteScanOf(task_));
  }

  Status remove(const RemoteScan& scan) {
    if (Status removed = scanner_.client().remove(scan, options()); !removed) return removed;
    removed_ = true;
    service_.work.events.emit(Level::info, "remote_scan_deleted", task_,
                              Json::object({{"remote_ref", scan.reference}}));
    return {};
  }

  const Service& service_;
  const ScannerInstance& scanner_;
  const QueuedTask& task_;
  const OperationContext& context_;
  bool removed_ = false;
};

}  // namespace

const char* remoteRemovalName(RemoteRemoval removal) {
  switch (removal) {
    case RemoteRemoval::deleted: return "deleted";
    case RemoteRemoval::kept: return "kept";
    case RemoteRemoval::absent: break;
  }
  return "absent";
}

tl::expected<RemoteRemoval, ServiceError> removeRemoteScans(const Service& service,
                                                            const QueuedTask& task,
                                                            const OperationContext& context) {
  const bool never_launched = task.instance.empty() || (task.launch == 0 && task.reference.empty());
  if (never_launched) return RemoteRemoval::absent;
  const ScannerPtr scanner = service.work.scanners->find(task.pool, task.instance);
  if (!scanner || !scanner->settings().enabled) return RemoteRemoval::kept;
  if (!scanner->isRemote()) return RemoteRemoval::absent;
  return RemoteCleaning(service, *scanner, task, context).run();
}

tl::expected<std::uint64_t, ServiceError> removeTask(const Service& service, const QueuedTask& task,
                                                     const OperationContext& context) {
  const auto findings =
      service.work.results.remove(task.id, callFor(context, Work::results_timeout));
  if (!findings) return tl::unexpected<ServiceError>(ServiceError::fromBackend(findings.error()));
  const auto removed = service.work.queue.remove(task.id, callFor(context, Work::queue_timeout));
  if (!removed) return tl::unexpected<ServiceError>(ServiceError::fromBackend(removed.error()));
  if (*removed == QueueOutcome::wrong_state)
    return tl::unexpected<ServiceError>(ServiceError::invalidState(
        "queued", "The task was queued again meanwhile; only an ended one can be deleted"));
  service.accepting.noteUnwanted(task.id);
  return *findings;
}

}  // namespace scanhost
