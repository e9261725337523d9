// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// Findings in one SQLite file, for one process.
///
/// Batches are committed without an fsync, and a seal makes all of its generation durable. Large
/// generations are counted and removed in short steps, between which others write. Reads go beside
/// the writer. Safe from any thread; one cursor by one call at a time.
#pragma once

#include <scanhost/results.h>

#include <memory>
#include <mutex>

#include "plugins/results/sqlite/config.h"
#include "plugins/shared/sqlite/store.h"

namespace scanhost::results_sqlite {

class SqliteResults : public Results {
 public:
  explicit SqliteResults(const Settings& settings);

  void start(Call& call) override;
  void stop(Call& call) override;

  std::string openGeneration(const Generation& generation, Call& call) override;
  void append(const std::string& generation, const std::vector<FindingRecord>& findings,
              Call& call) override;
  void seal(const std::string& generation, const std::string& summary, Call& call) override;
  std::optional<std::string> current(const std::string& task_id, std::uint64_t epoch,
                                     Call& call) override;
  std::optional<std::string> summary(const std::string& generation, Call& call) override;
  std::unique_ptr<ResultsCursor> open(const ResultsQuery& query, Call& call) override;
  std::uint64_t count(const ResultsQuery& query, Call& call) override;
  std::uint64_t remove(const std::string& task_id, Call& call) override;
  std::uint64_t sweep(std::int64_t from_us, std::int64_t before_us, std::uint32_t limit,
                      const Keep& keep, Call& call) override;
  void check(Call& call) override;

 private:
  /// The open store for as long as the answer lives; throws once stopped.
  std::shared_ptr<sqlite::Store> store() const;

  const Host host_;
  const Config config_;
  mutable std::mutex store_mutex_;
  std::shared_ptr<sqlite::Store> store_;
};

}  // namespace scanhost::results_sqlite
