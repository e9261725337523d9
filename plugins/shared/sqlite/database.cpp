// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "plugins/shared/sqlite/database.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cmath>
#include <cstring>
#include <limits>
#include <utility>

namespace scanhost::sqlite {
namespace {

constexpr int busy_wait_ms = 5000;
constexpr int steps_between_looks = 20'000;  ///< of SQLite's machine: about a millisecond

/// What an operator can do about it.
const char* remedy(int code) {
  switch (code & 0xFF) {
    case SQLITE_FULL: return "; the disk is full: free space, nothing accepted was lost";
    case SQLITE_READONLY:
      return "; the file or its folder cannot be written: check its owner, mode and mount";
    case SQLITE_CANTOPEN: return "; check that the folder exists and that its owner may write it";
    case SQLITE_IOERR: return "; the disk failed: see the kernel's log";
    case SQLITE_BUSY:
    case SQLITE_LOCKED: return "; another program holds the file locked: end it";
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
      return "; the file is damaged: stop scanhost, keep a copy, and restore a backup or what "
             "`sqlite3 FILE .recover` saves";
    default: return "";
  }
}

ErrorClass classOf(int code) {
  switch (code & 0xFF) {
    case SQLITE_NOTADB: return ErrorClass::config;
    case SQLITE_ERROR:
    case SQLITE_MISUSE:
    case SQLITE_RANGE:
    case SQLITE_CONSTRAINT: return ErrorClass::internal;
    default: return ErrorClass::transient;
  }
}

/// SQLite would make the file by the umask; task records are nobody else's business.
void makePrivateFile(const std::string& path) {
  const int fd = open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (fd < 0) throw StoreError(SQLITE_CANTOPEN, path + ": " + std::strerror(errno));
  close(fd);
}

}  // namespace

StoreError::StoreError(int code, const std::string& message)
    : PluginError(classOf(code), message + remedy(code), ErrorSubject::backend), code_(code) {}

Statement::Statement(Database& database, sqlite3_stmt* statement, bool cached) noexcept
    : database_(&database), statement_(statement), cached_(cached) {}

Statement::Statement(Statement&& other) noexcept
    : database_(other.database_),
      statement_(std::exchange(other.statement_, nullptr)),
      cached_(other.cached_),
      next_parameter_(other.next_parameter_) {}

Statement::~Statement() {
  if (!statement_) return;
  sqlite3_reset(statement_);
  sqlite3_clear_bindings(statement_);
  if (cached_) {
    const auto idle = database_->idle_.find(std::string_view(sqlite3_sql(statement_)));
    if (idle != database_->idle_.end() && idle->second.size() < idle->second.capacity()) {
      idle->second.push_back(statement_);
      return;
    }
  }
  sqlite3_finalize(statement_);
}

bool Statement::step() {
  const int code = sqlite3_step(statement_);
  if (code == SQLITE_ROW) return true;
  if (code == SQLITE_DONE) return false;
  database_->raise(sqlite3_extended_errcode(database_->handle_));
}

std::int64_t Statement::integer(int column) const {
  return sqlite3_column_int64(statement_, column);
}

double Statement::real(int column) const {
  return isNull(column) ? std::numeric_limits<double>::quiet_NaN()
                        : sqlite3_column_double(statement_, column);
}

std::string_view Statement::view(int column) const {
  const void* data = sqlite3_column_blob(statement_, column);
  const int size = sqlite3_column_bytes(statement_, column);
  return data ? std::string_view(static_cast<const char*>(data), static_cast<std::size_t>(size))
              : std::string_view();
}

int Statement::type(int column) const {
  return sqlite3_column_type(statement_, column);
}

void Statement::bindInteger(std::int64_t value) {
  check(sqlite3_bind_int64(statement_, next_parameter_++, value));
}

void Statement::bindReal(double value) {
  if (std::isnan(value)) return bindNull();
  check(sqlite3_bind_double(statement_, next_parameter_++, value));
}

void Statement::bindText(std::string_view value, bool copy) {
  check(sqlite3_bind_text64(statement_, next_parameter_++, value.data() ? value.data() : "",
                            value.size(), copy ? SQLITE_TRANSIENT : SQLITE_STATIC, SQLITE_UTF8));
}

void Statement::bindBlob(Blob value, bool copy) {
  check(sqlite3_bind_blob64(statement_, next_parameter_++, value.data ? value.data : "", value.size,
                            copy ? SQLITE_TRANSIENT : SQLITE_STATIC));
}

void Statement::bindNull() {
  check(sqlite3_bind_null(statement_, next_parameter_++));
}

void Statement::check(int code) const {
  if (code != SQLITE_OK) database_->raise(code);
}

Database::Database(std::string path, Mode mode) : path_(std::move(path)) {
  if (mode == Mode::read_write && path_ != ":memory:") makePrivateFile(path_);
  const int flags = (mode == Mode::read_write ? SQLITE_OPEN_READWRITE : SQLITE_OPEN_READONLY) |
                    SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE;
  const int code = sqlite3_open_v2(path_.c_str(), &handle_, flags, nullptr);
  if (code != SQLITE_OK) {
    const std::string message =
        path_ + ": " + (handle_ ? sqlite3_errmsg(handle_) : sqlite3_errstr(code));
    sqlite3_close(handle_);
    throw StoreError(code, message);
  }
  sqlite3_busy_timeout(handle_, busy_wait_ms);
}

Database::~Database() {
  for (auto& [sql, statements] : idle_)
    for (sqlite3_stmt* statement : statements) sqlite3_finalize(statement);
  sqlite3_close(handle_);
}

void Database::run(const std::string& sql) {
  if (sqlite3_exec(handle_, sql.c_str(), nullptr, nullptr, nullptr) != SQLITE_OK)
    raise(sqlite3_extended_errcode(handle_));
}

std::string Database::value(const std::string& sql) {
  Statement statement = prepareOnce(sql);
  return statement.step() ? statement.text(0) : std::string();
}

void Database::watch(const Call* call) {
  watched_ = call;
  const auto is_cancelled = [](void* watched) {
    return static_cast<const Call*>(watched)->cancelled() ? 1 : 0;
  };
  sqlite3_progress_handler(handle_, call ? steps_between_looks : 0, call ? +is_cancelled : nullptr,
                           const_cast<Call*>(call));
}

void Database::raise(int code) const {
  if ((code & 0xFF) == SQLITE_INTERRUPT && watched_) watched_->check();
  throw StoreError(
      code, path_ + ": " + sqlite3_errmsg(handle_) + " (SQLite code " + std::to_string(code) + ")");
}

Statement Database::prepare(std::string_view sql, bool cached) {
  if (cached) {
    auto idle = idle_.find(sql);
    if (idle == idle_.end()) {
      idle = idle_.emplace(std::string(sql), std::vector<sqlite3_stmt*>()).first;
      idle->second.reserve(2);  // giving a statement back must not allocate
    }
    if (!idle->second.empty()) {
      sqlite3_stmt* statement = idle->second.back();
      idle->second.pop_back();
      return Statement(*this, statement, true);
    }
  }
  sqlite3_stmt* statement = nullptr;
  const int code = sqlite3_prepare_v3(handle_, sql.data(), static_cast<int>(sql.size()),
                                      cached ? SQLITE_PREPARE_PERSISTENT : 0, &statement, nullptr);
  if (code != SQLITE_OK) raise(code);
  return Statement(*this, statement, cached);
}

}  // namespace scanhost::sqlite
