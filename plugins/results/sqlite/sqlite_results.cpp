// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

#include "plugins/results/sqlite/sqlite_results.h"

#include <cstdint>
#include <utility>

#include "plugins/results/sqlite/cursor.h"
#include "plugins/results/sqlite/generations.h"
#include "plugins/results/sqlite/schema.h"

namespace scanhost::results_sqlite {
namespace {

sqlite::StoreOptions storeOptions(const Config& config) {
  sqlite::StoreOptions options;
  options.plugin = "results-sqlite";
  options.path = config.path;
  options.full = config.full;
  options.check_after_crash = false;  // it would read every finding of a year before starting
  options.application_id = application_id;
  options.schema_version = schema_version;
  options.schema = schema;
  options.second_process =
      "results-sqlite serves one process: end that one, or give each node a node.data_dir of its "
      "own";
  return options;
}

}  // namespace

SqliteResults::SqliteResults(const Settings& settings)
    : host_(settings.host()), config_(readConfig(settings)) {}

void SqliteResults::start(Call&) {
  auto opened = std::make_shared<sqlite::Store>(storeOptions(config_), host_);
  const std::lock_guard lock(store_mutex_);
  store_ = std::move(opened);
}

void SqliteResults::stop(Call&) {
  std::shared_ptr<sqlite::Store> closing;
  const std::lock_guard lock(store_mutex_);
  closing.swap(store_);
}

std::shared_ptr<sqlite::Store> SqliteResults::store() const {
  const std::lock_guard lock(store_mutex_);
  if (!store_)
    throw PluginError(ErrorClass::transient, "results-sqlite is not started, or was stopped",
                      ErrorSubject::backend);
  return store_;
}

std::string SqliteResults::openGeneration(const Generation& generation, Call& call) {
  return store()->write(call, sqlite::Sync::durable, [&](sqlite::Database& database) {
    return results_sqlite::openGeneration(database, generation);
  });
}

void SqliteResults::append(const std::string& generation,
                           const std::vector<FindingRecord>& findings, Call& call) {
  store()->write(call, sqlite::Sync::relaxed, [&](sqlite::Database& database) {
    appendFindings(database, generation, findings);
  });
}

void SqliteResults::seal(const std::string& generation, const std::string& summary, Call& call) {
  sealGeneration(*store(), generation, summary, call);
}

std::optional<std::string> SqliteResults::current(const std::string& task_id, std::uint64_t epoch,
                                                  Call& call) {
  return store()->read(call, [&](sqlite::Database& database) {
    return currentGeneration(database, task_id, epoch);
  });
}

std::optional<std::string> SqliteResults::summary(const std::string& generation, Call& call) {
  return store()->read(
      call, [&](sqlite::Database& database) { return generationSummary(database, generation); });
}

std::unique_ptr<ResultsCursor> SqliteResults::open(const ResultsQuery& query, Call& call) {
  return std::make_unique<SqliteCursor>(store(), query, call);
}

std::uint64_t SqliteResults::count(const ResultsQuery& query, Call& call) {
  return store()->read(call,
                       [&](sqlite::Database& database) { return countFindings(database, query); });
}

std::uint64_t SqliteResults::remove(const std::string& task_id, Call& call) {
  return removeTask(*store(), task_id, call);
}

std::uint64_t SqliteResults::sweep(std::int64_t from_us, std::int64_t before_us,
                                   std::uint32_t limit, const Keep& keep, Call& call) {
  const auto open = store();
  for (const std::int64_t gen : open->read(call, goneGenerations))
    removeGeneration(*open, gen, call);

  std::uint64_t removed = 0;
  std::int64_t after_us = from_us;
  std::int64_t after_gen = INT64_MIN;
  while (removed < limit) {
    const auto candidates = open->read(call, [&](sqlite::Database& database) {
      return sweepCandidates(database, before_us, after_us, after_gen);
    });
    if (candidates.empty()) break;
    for (const SweepCandidate& candidate : candidates) {
      call.check();
      after_us = candidate.created_us;
      after_gen = candidate.gen;
      if (removed == limit || keep(candidate.task_id, candidate.name)) continue;
      removeGeneration(*open, candidate.gen, call);
      ++removed;
    }
  }
  return removed;
}

void SqliteResults::check(Call& call) {
  store()->write(call, sqlite::Sync::durable, [](sqlite::Database& database) {
    database.execute("UPDATE health SET checks = checks + 1");
  });
}

}  // namespace scanhost::results_sqlite
