// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// A SQLite connection and its statements. Failures are thrown as PluginError for an operator:
/// the file, what SQLite said, what to do.
///
/// A connection and its statements belong to one thread at a time.
#pragma once

#include <scanhost/call.h>
#include <sqlite3.h>

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

namespace scanhost::sqlite {

/// What SQLite refused; always subject backend, and transient unless the file itself is damaged.
class StoreError : public PluginError {
 public:
  StoreError(int code, const std::string& message);
  /// The extended result code.
  int code() const noexcept { return code_; }

 private:
  int code_;
};

/// Bytes to bind, borrowed.
struct Blob {
  const void* data = nullptr;
  std::size_t size = 0;
};

class Database;

/// A prepared statement with its parameters bound; given back to its connection when it dies.
class Statement {
 public:
  Statement(Statement&& other) noexcept;
  Statement& operator=(Statement&&) = delete;
  ~Statement();

  /// Goes to the next row; false at the end.
  bool step();

  std::int64_t integer(int column) const;
  /// NaN for NULL.
  double real(int column) const;
  /// Valid until the next step.
  std::string_view view(int column) const;
  std::string text(int column) const { return std::string(view(column)); }
  bool isNull(int column) const { return type(column) == SQLITE_NULL; }
  /// SQLITE_INTEGER and its like.
  int type(int column) const;

  /// Binds the next parameter. `copy`: the value may die before the statement.
  template <class Value>
  void bind(const Value& value, bool copy);

 private:
  friend class Database;
  Statement(Database& database, sqlite3_stmt* statement, bool cached) noexcept;

  void bindInteger(std::int64_t value);
  void bindReal(double value);
  void bindText(std::string_view value, bool copy);
  void bindBlob(Blob value, bool copy);
  void bindNull();
  void check(int code) const;

  Database* database_;
  sqlite3_stmt* statement_;
  bool cached_;
  int next_parameter_ = 1;
};

class Database {
 public:
  enum class Mode { read_write, read_only };

  /// Opens the file; with `read_write` it is made when absent, readable by its owner alone.
  /// ":memory:" is a database that dies with this connection.
  Database(std::string path, Mode mode);
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;
  ~Database();

  /// Runs statements without parameters.
  void run(const std::string& sql);
  /// A query whose parameters are copied. The statement is kept for the next use of the same text.
  template <class... Values>
  Statement query(std::string_view sql, const Values&... values) {
    Statement statement = prepare(sql, true);
    (statement.bind(values, true), ...);
    return statement;
  }
  /// For a text that will hardly come again.
  Statement prepareOnce(std::string_view sql) { return prepare(sql, false); }
  /// Runs one statement to its end and answers how many rows it changed.
  template <class... Values>
  std::int64_t execute(std::string_view sql, const Values&... values) {
    Statement statement = prepare(sql, true);
    (statement.bind(values, false), ...);
    while (statement.step()) {
    }
    return sqlite3_changes64(handle_);
  }
  std::int64_t lastRowId() const noexcept { return sqlite3_last_insert_rowid(handle_); }
  bool inTransaction() const noexcept { return sqlite3_get_autocommit(handle_) == 0; }
  /// The single value of a query such as a PRAGMA.
  std::string value(const std::string& sql);

  /// From now on, what runs here ends with the call's own error once the call is cancelled; null:
  /// no longer.
  void watch(const Call* call);

  const std::string& path() const noexcept { return path_; }
  [[noreturn]] void raise(int code) const;

 private:
  friend class Statement;
  Statement prepare(std::string_view sql, bool cached);

  std::string path_;
  sqlite3* handle_ = nullptr;
  const Call* watched_ = nullptr;
  std::map<std::string, std::vector<sqlite3_stmt*>, std::less<>> idle_;
};

template <class Value>
void Statement::bind(const Value& value, bool copy) {
  if constexpr (std::is_same_v<Value, std::nullptr_t>)
    bindNull();
  else if constexpr (std::is_enum_v<Value> || std::is_integral_v<Value>)
    bindInteger(static_cast<std::int64_t>(value));
  else if constexpr (std::is_floating_point_v<Value>)
    bindReal(value);
  else if constexpr (std::is_same_v<Value, Blob>)
    bindBlob(value, copy);
  else if constexpr (std::is_same_v<Value, std::optional<int>>)
    value ? bindInteger(*value) : bindNull();
  else
    bindText(value, copy);
}

}  // namespace scanhost::sqlite
