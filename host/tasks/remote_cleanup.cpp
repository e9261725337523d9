// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "host/tasks/remote_cleanup.h"

#include <scanhost/abi/scanner.h>

#include "host/tasks/launch.h"

namespace scanhost {
namespace {

using Cancel = std::shared_ptr<const CancelSource>;

bool isUnderWay(RemoteStatus status) {
  return status == RemoteStatus::running || status == RemoteStatus::pending ||
         status == RemoteStatus::paused;
}

bool remove(const Work& work, const ScannerInstance& instance, const QueuedTask& task,
            const RemoteScan& scan, const Cancel& cancel) {
  if (!instance.client().remove(scan, work.callFor(task, Work::scanner_timeout, cancel)))
    return false;
  work.events.emit(Level::info, "remote_scan_deleted", task,
                   Json::object({{"remote_ref", scan.reference}}));
  return true;
}

bool stop(const Work& work, const ScannerInstance& instance, const QueuedTask& task,
          const RemoteScan& scan, const Cancel& cancel) {
  if (!instance.client().stop(scan, work.callFor(task, Work::scanner_timeout, cancel)))
    return false;
  work.events.emit(Level::warning, "orphaned_scan_stopped", task,
                   Json::object({{"remote_ref", scan.reference}}));
  return true;
}

std::size_t cleanUp(const Work& work, const ScannerInstance& instance, const Cancel& cancel) {
  const auto found =
      instance.client().find(marker_start, {.timeout = Work::scanner_timeout, .cancel = cancel});
  if (!found) return 0;
  const std::int64_t ended_before_us =
      work.ages.now().micros -
      std::chrono::microseconds(work.config->housekeeping.remote_retention).count();
  std::size_t removed = 0;
  for (const RemoteState& state : *found) {
    const auto marker = findMarker(state.marker);
    if (!marker || cancel->cancelled()) continue;
    const auto task =
        work.queue.get(marker->task_id, {.timeout = Work::queue_timeout, .cancel = cancel});
    if (!task) return removed;
    if (!*task || (*task)->pool != instance.settings().pool) continue;
    const RemoteScan scan{state.reference, state.run_id, state.marker};
    switch (judgeRemoteScan(state, *marker, instance.settings().name, **task, ended_before_us)) {
      case Leftover::keep: break;
      case Leftover::stop: stop(work, instance, **task, scan, cancel); break;
      case Leftover::remove: removed += remove(work, instance, **task, scan, cancel) ? 1 : 0; break;
    }
  }
  return removed;
}

bool canCleanUp(const ScannerInstance& instance) {
  return instance.isRemote() && instance.can(SCANHOST_SCANNER_FINDS) && instance.takesWork();
}

}  // namespace

Leftover judgeRemoteScan(const RemoteState& scan, const Marker& marker, std::string_view instance,
                         const QueuedTask& task, std::int64_t ended_before_us) {
  if (scan.state == RemoteStatus::gone || scan.state == RemoteStatus::stopping)
    return Leftover::keep;
  if (!isOwnScan(scan, task)) return Leftover::keep;
  const Leftover over = isUnderWay(scan.state) ? Leftover::stop : Leftover::remove;
  if (marker.launch < task.launch) return over;
  if (!isTerminal(task.state) || task.instance != instance) return Leftover::keep;
  // A copy under the same name bears the marker too, but is not the scan that the task names.
  if (!task.reference.empty() && scan.reference != task.reference) return Leftover::keep;
  if (over == Leftover::stop) return over;
  return task.completed_us < ended_before_us ? Leftover::remove : Leftover::keep;
}

std::size_t cleanUpRemoteScans(const Work& work, const Cancel& cancel) {
  std::size_t removed = 0;
  for (const auto& instance : work.scanners->all())
    if (canCleanUp(*instance) && !cancel->cancelled()) removed += cleanUp(work, *instance, cancel);
  return removed;
}

std::size_t stopRemoteScans(const Work& work, const QueuedTask& task, const Cancel& cancel) {
  const ScannerPtr instance = work.scanners->find(task.pool, task.instance);
  if (!instance || !canCleanUp(*instance)) return 0;
  const auto found = instance->client().find(markerPrefix(task.id),
                                             work.callFor(task, Work::scanner_timeout, cancel));
  // As it is now: it may have been redriven meanwhile.
  const auto now = work.queue.get(task.id, work.callFor(task, Work::queue_timeout, cancel));
  if (!found || !now || !*now) return 0;
  std::size_t stopped = 0;
  for (const RemoteState& state : *found) {
    const auto marker = findMarker(state.marker);
    if (!marker || marker->task_id != task.id) continue;
    if (judgeRemoteScan(state, *marker, task.instance, **now, 0) != Leftover::stop) continue;
    const RemoteScan scan{state.reference, state.run_id, state.marker};
    stopped += stop(work, *instance, task, scan, cancel) ? 1 : 0;
  }
  return stopped;
}

bool removeRemoteScan(const Work& work, const QueuedTask& task, const Cancel& cancel) {
  const ScannerPtr instance = work.scanners->find(task.pool, task.instance);
  if (!instance || task.reference.empty() || !canCleanUp(*instance)) return false;
  const RemoteScan scan = remoteScanOf(task);
  if (!isTerminal(task.state) && !task.run_id.empty()) stop(work, *instance, task, scan, cancel);
  return remove(work, *instance, task, scan, cancel);
}

}  // namespace scanhost
