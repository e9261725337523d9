// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// A database file of one process: locked against a second, versioned, written by one thread and
/// read by a few connections beside it (WAL).
///
/// Safe from any thread. What was committed is seen by every read that begins afterwards.
#pragma once

#include <scanhost/host.h>

#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "plugins/shared/sqlite/database.h"
#include "plugins/shared/sqlite/file_lock.h"
#include "plugins/shared/sqlite/group_writer.h"

namespace scanhost::sqlite {

struct StoreOptions {
  std::string plugin;  ///< for messages
  std::string path;
  bool full = true;  ///< synchronous FULL: a durable commit survives a loss of power
  bool check_after_crash = true;
  int application_id = 0;      ///< stored in the file; another program's file is refused
  int schema_version = 1;      ///< a file of a newer one is refused
  const char* schema = "";     ///< makes the tables of a new file
  std::string second_process;  ///< what to do instead of serving two processes
};

class Store {
 public:
  /// Locks, opens, checks and if need be creates the file.
  Store(const StoreOptions& options, const Host& host);
  Store(const Store&) = delete;
  Store& operator=(const Store&) = delete;
  /// Ends the writer and marks the file as properly closed.
  ~Store();

  /// As GroupWriter::run, with the value that `work` answers.
  template <class Work>
  auto write(const Call& call, Sync sync, Work&& work, const std::function<void()>& committed = {})
      -> std::invoke_result_t<Work&, Database&> {
    using Value = std::invoke_result_t<Work&, Database&>;
    if constexpr (std::is_void_v<Value>) {
      writer_->run(call, sync, std::ref(work), committed);
    } else {
      std::optional<Value> value;
      writer_->run(
          call, sync, [&](Database& database) { value.emplace(work(database)); }, committed);
      return std::move(*value);
    }
  }

  /// Runs `work` on a reading connection within one snapshot.
  template <class Work>
  auto read(const Call& call, Work&& work) -> std::invoke_result_t<Work&, Database&> {
    const Reader reader(*this, call);
    return work(reader.database());
  }

  /// "wal" and such, as the file has it.
  const std::string& journalMode() const { return journal_mode_; }
  /// True where the file lives in memory alone (tmpfs).
  bool inMemory() const { return in_memory_; }
  bool full() const { return options_.full; }

 private:
  /// Borrows a connection and holds a transaction on it.
  class Reader {
   public:
    Reader(Store& store, const Call& call);
    ~Reader();
    Database& database() const { return *database_; }

   private:
    Store& store_;
    std::unique_ptr<Database> database_;
  };

  void prepareFile(Database& database, const Host& host);
  void checkVersion(Database& database);
  void checkIntegrity(Database& database, const Host& host);
  std::unique_ptr<Database> takeReader(const Call& call);
  void giveReader(std::unique_ptr<Database> reader);

  StoreOptions options_;
  FileLock lock_;
  std::string journal_mode_;
  bool in_memory_ = false;
  std::unique_ptr<GroupWriter> writer_;
  std::mutex readers_mutex_;
  std::condition_variable reader_free_;
  std::vector<std::unique_ptr<Database>> readers_;
  int readers_made_ = 0;
};

/// Where a store keeps its file: an absolute `path`, or one below the instance's own folder.
std::string storePath(const Settings& settings, const std::string& file_name);

}  // namespace scanhost::sqlite
