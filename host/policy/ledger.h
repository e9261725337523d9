// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// The audit ledger of a node: what was decided and what operators did, appended to files in which
/// every line names the hash of the one before.
///
/// One thread writes; what comes while the disk is busy is written and synced together. While the
/// disk refuses, whoever needs an entry on stable storage is refused too, the rest is kept up to a
/// bound, and a try a second finds out when the ledger takes entries again; then an entry of kind
/// `outage` tells of it. The same while its file is not in its place as it was written: removed,
/// replaced or cut by another hand. A line that a crash cut off was never acknowledged: it is moved
/// to `ledger.torn`. A chain that is broken stays as it is, and goes on in a new file. Safe from
/// any thread. Does not delete files: see docs/how-to/audit-what-was-decided.md.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "host/base/result.h"
#include "host/base/unique_fd.h"
#include "host/policy/audit_entry.h"
#include "host/policy/ledger_check.h"

namespace scanhost {

class Ledger {
 public:
  /// Called by the writing thread, without a lock.
  struct Hooks {
    std::function<void(const AuditEntry& entry, std::uint64_t sequence)> on_appended = {};
    /// When writes begin to fail, and again every 30 seconds; `trace_id` of an entry, or empty.
    std::function<void(const std::string& error, const std::string& trace_id)> on_failed = {};
    /// After failures: entries that were refused, and that were dropped untold.
    std::function<void(std::uint64_t refused, std::uint64_t dropped)> on_recovered = {};
  };
  struct Options {
    std::string node;
    Hooks hooks = {};
    std::uint64_t file_bytes = 16u << 20;  ///< past it a new file is begun
    std::size_t kept_entries = 10'000;     ///< that nobody waits for, while the disk refuses
    std::chrono::milliseconds retry{1000};
    std::chrono::milliseconds look{2000};  ///< between looks at the file while nothing is written
  };
  /// What was found when it was opened.
  struct Found {
    std::uint64_t torn_bytes = 0;
    std::vector<LedgerProblem> problems;
  };

  /// Opens or makes the ledger in `folder`; a second process is refused.
  static Result<std::unique_ptr<Ledger>> open(const std::filesystem::path& folder, Options options);
  /// Writes what waits.
  ~Ledger();
  Ledger(const Ledger&) = delete;
  Ledger& operator=(const Ledger&) = delete;

  /// On stable storage when it returns. Transient, of the backend, when the disk refuses.
  Status append(AuditEntry entry);
  /// Not waited for.
  void note(AuditEntry entry);

  /// Why nothing can be appended; empty: it can.
  std::string failure() const;
  /// How often the disk was asked to sync.
  std::uint64_t syncs() const { return syncs_.load(std::memory_order_relaxed); }
  const Found& found() const { return found_; }
  const std::filesystem::path& folder() const { return files_.folder; }

 private:
  struct Outcome {
    bool done = false;
    std::string error;
  };
  struct Step {
    AuditEntry entry;
    Outcome* outcome = nullptr;  ///< of a caller who waits
  };

  Ledger(std::filesystem::path folder, Options options);
  Status lock();
  Status load();
  Result<FileReport> checkNewest() const;
  Status cutTorn(const FileReport& current);
  Status putBrokenAside(const FileReport& current);
  Status openHead();
  Status openCurrent();

  void write();
  AuditEntry outageEntry() const;
  Status checkInPlace() const;
  Status writeLines(const std::string& lines);
  Status rotate();
  Status takeBack(int error);
  void tellHead();
  void succeed(std::deque<Step>& steps, ChainEnd end);
  void refuse(std::deque<Step>& steps, const std::string& reason);

  const LedgerFiles files_;
  const Options options_;
  UniqueFd lock_, fd_, head_;
  Found found_;

  // Of the writing thread.
  std::uint64_t file_bytes_ = 0;
  std::uint64_t file_first_ = 0;  ///< sequence of the first entry of the current file; 0: none
  bool unclean_ = false;          ///< behind file_bytes_ there is what was never acknowledged
  std::chrono::steady_clock::time_point told_{};
  ChainEnd end_;

  mutable std::mutex mutex_;
  std::condition_variable wanted_, done_;
  std::deque<Step> pending_;
  std::string failure_;
  Timestamp failed_since_{};
  std::atomic<std::uint64_t> syncs_ = 0;
  std::uint64_t refused_ = 0, dropped_ = 0;
  bool stopping_ = false;
  std::thread writer_;
};

}  // namespace scanhost
