// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "plugins/shared/sqlite/store.h"

#include <linux/magic.h>
#include <sys/vfs.h>

#include <chrono>

namespace scanhost::sqlite {
namespace {

constexpr int most_readers = 4;

bool livesInMemory(const std::string& path) {
  struct statfs found {};
  return statfs(path.c_str(), &found) == 0 &&
         (found.f_type == TMPFS_MAGIC || found.f_type == RAMFS_MAGIC);
}

[[noreturn]] void refuse(const std::string& message) {
  throw PluginError(ErrorClass::config, message, ErrorSubject::backend);
}

}  // namespace

std::string storePath(const Settings& settings, const std::string& file_name) {
  const std::string path = settings["path"].asString(file_name);
  return !path.empty() && path.front() == '/' ? path : settings.dataDir() + "/" + path;
}

Store::Store(const StoreOptions& options, const Host& host)
    : options_(options), lock_(options.path, options.second_process) {
  auto database = std::make_unique<Database>(options_.path, Database::Mode::read_write);
  prepareFile(*database, host);
  in_memory_ = livesInMemory(options_.path);
  readers_.reserve(most_readers);
  writer_ = std::make_unique<GroupWriter>(std::move(database), options_.full);
}

Store::~Store() {
  const bool broken = writer_->broken();
  writer_.reset();
  readers_.clear();
  if (broken) return;
  try {
    Database database(options_.path, Database::Mode::read_write);
    database.run("UPDATE store SET open = 0");
  } catch (const PluginError&) {
    // The next start then checks the file, as after any other unclean end.
  }
}

void Store::prepareFile(Database& database, const Host& host) {
  checkVersion(database);
  journal_mode_ = database.value("PRAGMA journal_mode=WAL");
  if (journal_mode_ != "wal")
    refuse(options_.path + ": this file system allows no write-ahead log (journal mode is " +
           journal_mode_ + "); put the file on a local disk");
  database.run(
      "PRAGMA synchronous=FULL; PRAGMA temp_store=MEMORY; PRAGMA cache_size=-32768; "
      "PRAGMA journal_size_limit=67108864;");
  if (database.value("PRAGMA user_version") == "0") {
    database.run(
        "BEGIN IMMEDIATE; CREATE TABLE store (open INTEGER NOT NULL) STRICT; "
        "INSERT INTO store VALUES (0);" +
        std::string(options_.schema) +
        "PRAGMA application_id=" + std::to_string(options_.application_id) +
        "; PRAGMA user_version=" + std::to_string(options_.schema_version) + "; COMMIT");
  } else if (options_.check_after_crash && database.value("SELECT open FROM store") != "0") {
    checkIntegrity(database, host);
  }
  database.run("UPDATE store SET open = 1");
}

void Store::checkVersion(Database& database) {
  const std::string version = database.value("PRAGMA user_version");
  const std::string application = database.value("PRAGMA application_id");
  const bool empty = database.value("SELECT count(*) FROM sqlite_schema") == "0";
  if (empty) return;
  if (application != std::to_string(options_.application_id))
    refuse(options_.path + " is no file of " + options_.plugin + " (application id " + application +
           "); name another path");
  if (std::stoi(version) > options_.schema_version)
    refuse(options_.path + " was written by a newer " + options_.plugin + " (schema " + version +
           ", this one knows " + std::to_string(options_.schema_version) +
           "); install that version again");
}

void Store::checkIntegrity(Database& database, const Host& host) {
  const auto begun = std::chrono::steady_clock::now();
  const std::string found = database.value("PRAGMA integrity_check(1)");
  if (found != "ok")
    refuse(options_.path + " is damaged (" + found +
           "): keep a copy, and restore a backup or what `sqlite3 FILE .recover` saves");
  const auto took = std::chrono::duration_cast<std::chrono::milliseconds>(
      std::chrono::steady_clock::now() - begun);
  host.log(LogLevel::warning, "store_checked",
           Json::object({{"path", options_.path},
                         {"reason", "it was not closed properly"},
                         {"result", found},
                         {"duration_ms", took.count()}}));
}

std::unique_ptr<Database> Store::takeReader(const Call& call) {
  std::unique_lock lock(readers_mutex_);
  while (readers_.empty() && readers_made_ == most_readers) {
    reader_free_.wait_for(lock, std::chrono::milliseconds(200));
    call.check();
  }
  if (!readers_.empty()) {
    std::unique_ptr<Database> reader = std::move(readers_.back());
    readers_.pop_back();
    return reader;
  }
  auto reader = std::make_unique<Database>(options_.path, Database::Mode::read_only);
  ++readers_made_;
  return reader;
}

void Store::giveReader(std::unique_ptr<Database> reader) {
  const std::lock_guard lock(readers_mutex_);
  readers_.push_back(std::move(reader));
  reader_free_.notify_one();
}

Store::Reader::Reader(Store& store, const Call& call)
    : store_(store), database_(store.takeReader(call)) {
  try {
    database_->watch(&call);
    database_->execute("BEGIN");
  } catch (...) {
    database_->watch(nullptr);
    store_.giveReader(std::move(database_));
    throw;
  }
}

Store::Reader::~Reader() {
  database_->watch(nullptr);
  try {
    if (database_->inTransaction()) database_->execute("COMMIT");
  } catch (const PluginError&) {
    // A snapshot that was only read has nothing to lose.
  }
  store_.giveReader(std::move(database_));
}

}  // namespace scanhost::sqlite
