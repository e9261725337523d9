// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// Walks the findings of a query. Between two calls it keeps where it stands, and no transaction.
///
/// In order of arrival each call goes on from the last id. In another order it sorts a window of
/// ids at a time, so that a walk over a million findings sorts twenty times and not ten thousand.
#pragma once

#include <scanhost/results.h>

#include <memory>
#include <string>
#include <vector>

#include "plugins/results/sqlite/query_sql.h"
#include "plugins/shared/sqlite/store.h"

namespace scanhost::results_sqlite {

class SqliteCursor : public ResultsCursor {
 public:
  SqliteCursor(std::shared_ptr<sqlite::Store> store, const ResultsQuery& query, const Call& call);

  void next(std::uint64_t max, const Tell& tell, Call& call) override;

 private:
  bool inOrderOfArrival() const { return order_.size() == 0; }
  void nextByArrival(sqlite::Database& database, std::uint64_t max, const Tell& tell);
  void nextByOrder(sqlite::Database& database, std::uint64_t max, const Tell& tell);
  /// Fetches the next sorted ids; false when there are none.
  bool fillWindow(sqlite::Database& database);
  sqlite::Statement sorted(sqlite::Database& database, std::uint64_t most) const;
  void keepPlace(const sqlite::Statement& row);
  /// The most that may still be told of `max`.
  std::uint64_t bounded(std::uint64_t max) const;
  void countDown();

  std::shared_ptr<sqlite::Store> store_;
  const std::string generation_;
  Predicate matching_;
  const Order order_;
  Needs fields_;          ///< tables that the wanted fields lie in
  std::uint64_t offset_;  ///< still to pass over
  std::uint64_t left_;    ///< still to tell
  bool begun_ = false;
  bool ended_ = false;                 ///< the store holds no more than was fetched
  std::int64_t last_id_ = 0;           ///< of the last finding fetched
  std::vector<SqlValue> last_values_;  ///< its sort keys
  std::vector<std::int64_t> window_;   ///< sorted ids, fetched and partly told
  std::size_t window_at_ = 0;
};

/// How many findings of the generation meet the query's conditions.
std::uint64_t countFindings(sqlite::Database& database, const ResultsQuery& query);

}  // namespace scanhost::results_sqlite
