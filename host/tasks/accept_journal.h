// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// What this node accepted and the queue may still lose: a file of its own, written before the
/// queue is asked.
///
/// `accepts.journal` in the data folder is text: a line for each step, a digest before it. What
/// comes while the disk is busy is written and synced together. A line that a crash cut off was
/// never acknowledged and is dropped; a line that makes no sense is put into `accepts.aside`, and
/// the rest is used. The file is written anew when most of it is past.
///
/// An entry is *kept* before the queue is asked, *settled* once its client has an answer, and
/// *withdrawn* when that answer was no although the queue may have taken the task, *unwanted* once
/// a client cancelled or removed it. Reconciler looks after settled ones. Secrets stand here as in
/// the queue: sealed. Safe from any thread.
#pragma once

#include <scanhost/queue_records.h>

#include <condition_variable>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "host/base/result.h"
#include "host/base/time.h"
#include "host/base/unique_fd.h"

namespace scanhost {

class AcceptJournal {
 public:
  struct Limits {
    std::size_t entries = 100'000;
    std::uint64_t bytes = 256u << 20;       ///< of what is kept
    std::uint64_t rewrite_from = 1u << 20;  ///< a smaller file is left as it is
    std::uint64_t aside_bytes = 16u << 20;  ///< what is put aside beyond is only counted
  };
  struct Entry {
    Submission submission;  ///< `cap` is not remembered
    bool withdrawn = false;
    bool unwanted = false;  ///< cancelled or removed by request since
    bool promised = false;  ///< to another request, which asked again under its key
    bool dropped = false;   ///< though the file may still hold it
    bool settled = false;
    std::uint64_t sequence = 0;  ///< in the order of being settled
  };

  /// Opens or makes the journal; a second process is refused. Every entry found is settled.
  static Result<std::unique_ptr<AcceptJournal>> open(const std::filesystem::path& folder,
                                                     Limits limits);
  ~AcceptJournal();
  AcceptJournal(const AcceptJournal&) = delete;
  AcceptJournal& operator=(const AcceptJournal&) = delete;

  // ---- each is on stable storage when it returns ------------------------------------------

  /// Not yet settled. Transient when the disk refuses or the journal is full.
  Status keep(const Submission& submission);
  /// `kept` in the place of the entry `id`, settled.
  Status replace(const std::string& id, const Submission& kept);
  /// The client was told no; settled.
  Status withdraw(const std::string& id);
  Status drop(const std::string& id);
  /// Drops it unless it was promised to another request meanwhile.
  Status letGo(const std::string& id);
  /// Drops an entry that nothing can be done about, and keeps its line aside.
  Status setAside(const std::string& id);

  // ---- these are not waited for -----------------------------------------------------------

  void settle(const std::string& id);
  /// Settled, too, so that it is looked at until the file no longer holds it.
  void withdrawSoon(const std::string& id);
  void dropSoon(const std::string& id);
  /// Nothing for an id that it does not hold.
  void noteUnwanted(const std::string& id);
  /// Writes a drop again that the disk may have refused.
  void dropAgain(const std::string& id);
  /// Every entry was looked at then.
  void noteLook(Timestamp when);

  // ---- look -------------------------------------------------------------------------------

  /// Ids settled after `sequence`, in that order, and the sequence of each.
  std::vector<std::pair<std::uint64_t, std::string>> settledAfter(std::uint64_t sequence,
                                                                  std::size_t most) const;
  std::optional<Entry> find(const std::string& id) const;
  std::size_t size() const;
  /// When every entry was last looked at, by this process or one before; 0: never.
  Timestamp lastLook() const;
  /// Lines that made no sense when it was opened.
  std::size_t damaged() const { return damaged_; }
  /// Why nothing can be kept any more; empty: it can.
  std::string failure() const;

 private:
  struct Outcome {
    bool done = false;
    std::string error;
  };
  /// A line to write, and what is so once it is on disk.
  struct Step {
    std::string line;
    std::function<void()> apply;
    Outcome* outcome = nullptr;  ///< of a caller who waits
  };

  AcceptJournal(std::filesystem::path folder, Limits limits);
  Status lock();
  Status load();
  Status readLine(const std::string& line);
  void putAside(const std::string& line);
  void add(Entry entry);
  void remove(const std::string& id);
  void settleNow(const std::string& id);
  std::string liveLines() const;
  Status rewrite(const std::string& text);

  /// `wanted`, when given, is asked under the mutex whether there is anything to do.
  Status commit(std::string line, std::function<void()> apply,
                const std::function<bool()>& wanted = {});
  bool isPromised(const std::string& id) const;
  void enqueue(std::string line, std::function<void()> apply);
  void enqueueDrop(const std::string& id);
  void refuse(const std::vector<Step>& steps, const std::string& reason);
  void write();
  Status append(const std::string& lines);
  bool worthRewriting() const;
  bool writesToItsFile() const;

  const std::filesystem::path folder_, file_;
  const Limits limits_;
  UniqueFd lock_, fd_;
  std::uint64_t file_bytes_ = 0, rewrite_from_;  ///< of the writing thread
  std::size_t damaged_ = 0;

  mutable std::mutex mutex_;
  std::condition_variable wanted_, done_;
  std::map<std::string, Entry> entries_;
  std::map<std::uint64_t, std::string> settled_;  ///< ids by sequence
  std::map<std::string, int> promises_;           ///< being written, by id
  std::uint64_t next_sequence_ = 1;
  std::uint64_t live_bytes_ = 0;
  Timestamp last_look_;
  std::vector<Step> pending_;
  std::size_t pending_keeps_ = 0;
  std::string failure_;
  bool stopping_ = false;
  std::thread writer_;
};

}  // namespace scanhost
