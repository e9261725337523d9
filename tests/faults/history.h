// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// What happened in a run of the fault driver, as seen from outside the nodes: by the clients, by
/// an observer of the queue's server, and by the simulator's journal. The checker judges this
/// alone.
///
/// All parties run on one machine, so that one wall clock orders them. A history is kept in memory
/// and, line by line, in a file of JSON objects. Safe to call from any thread.
#pragma once

#include <scanhost/json.h>

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

namespace scanhost::faults {

enum class What {
  submitted,  ///< a client asks, under a key
  accepted,   ///< it was told a task id
  cancelled,  ///< it asks to cancel the task
  paused,     ///< it asked to pause the task, and that was taken
  resumed,    ///< the same of going on
  answered,   ///< it was told how the task ended; `detail` is the state
  counted,    ///< it was served `number` findings
  stored,     ///< the queue made the record
  granted,    ///< the queue gave a lease to `node`
  written,    ///< the queue took a write that bore this lease; `detail` says what changed
  spent,      ///< the queue counted an attempt as spent
  ended,      ///< the queue's record became terminal; `detail` is the state's number
  forgotten,  ///< the server that had told no other since `number` is gone, and that is undone
  blind,      ///< the observer lost its connection: what the queue did meanwhile is not known
  refers,     ///< at the end: the record's state in `detail`, and the remote scan that it names
  made,       ///< the scanner holds a new scan under the marker of task and launch
  launched,   ///< that scan was started
  removed,    ///< that scan was deleted
  left,       ///< at the end: that scan is still there; `detail` is the state of its run
  fault,      ///< something was done to `node`; `detail` says what
  healed,     ///< and that is over
};
const char* nameOf(What what);

struct Event {
  std::int64_t at_us = 0;
  What what = What::fault;
  std::string task = {};
  std::string key = {};
  std::string node = {};
  std::string token = {};  ///< of a lease, in hex
  std::string detail = {};
  std::int64_t scan = 0;  ///< the scanner's id of a remote scan
  std::uint64_t epoch = 0;
  std::uint64_t launch = 0;
  std::uint64_t number = 0;

  Json toJson() const;
  /// Throws std::runtime_error for what is no event.
  static Event fromJson(const Json& json);
};

class History {
 public:
  History() = default;
  explicit History(const std::filesystem::path& file);

  /// Without a time it happened now.
  void add(Event event);
  /// All events so far, by time.
  std::vector<Event> events() const;

 private:
  mutable std::mutex mutex_;
  std::vector<Event> events_;
  std::ofstream file_;
};

/// The lines that a History wrote.
std::vector<Event> readHistory(const std::filesystem::path& file);

}  // namespace scanhost::faults
