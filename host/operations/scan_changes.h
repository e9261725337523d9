// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// Tells those who watch a scan, its findings, or the list of scans that they have changed, on
/// whichever node it happened.
///
/// What the queue says is gathered for a moment and told from a thread of its own, so that a busy
/// queue costs watchers little and no watcher holds up the queue's changes. Any thread.
#pragma once

#include <scanhost/queue_records.h>

#include <condition_variable>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

#include "host/operations/catalogue.h"

namespace scanhost {

class ScanChanges {
 public:
  /// Borrows the catalogue. Begins at once.
  explicit ScanChanges(Catalogue& catalogue);
  /// What was heard is still told.
  ~ScanChanges();
  ScanChanges(const ScanChanges&) = delete;
  ScanChanges& operator=(const ScanChanges&) = delete;

  void heard(const QueueChanges& changes);

 private:
  using Changed = std::map<std::string, std::optional<TaskState>>;

  void loop();
  void tell(const Changed& changed);

  Catalogue& catalogue_;
  std::mutex mutex_;
  std::condition_variable news_;
  Changed changed_;
  bool anything_ = false;  ///< the queue lost track: any scan may have changed
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace scanhost
