// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

#include "tests/suites/results_suite.h"

namespace scanhost::suites {

GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(ResultsSuite);

void ResultsSuite::reopen() {
  client_.reset();
  plugin_.reset();
  plugin_ = backend_->open();
  const Status started = plugin_->start();
  if (!started) ADD_FAILURE() << started.error().message;
  client_ = std::make_unique<ResultsClient>("results", plugin_->table(), plugin_->self());
}

std::string ResultsSuite::opened(const std::string& task_id, std::uint64_t epoch,
                                 std::int64_t created_us) {
  Generation generation;
  generation.task_id = task_id;
  generation.epoch = epoch;
  generation.created_us = created_us;
  auto name = results().openGeneration(generation, {});
  if (!name) ADD_FAILURE() << name.error().message;
  return name.value_or("");
}

void ResultsSuite::append(const std::string& generation,
                          const std::vector<FindingRecord>& findings) {
  const Status done = results().append(generation, findings, {});
  if (!done) ADD_FAILURE() << done.error().message;
}

void ResultsSuite::seal(const std::string& generation, const std::string& summary) {
  const Status done = results().seal(generation, summary, {});
  if (!done) ADD_FAILURE() << done.error().message;
}

std::string ResultsSuite::sealed(const std::string& task_id,
                                 const std::vector<FindingRecord>& findings,
                                 std::int64_t created_us) {
  const std::string generation = opened(task_id, 1, created_us);
  append(generation, findings);
  seal(generation);
  return generation;
}

std::vector<FindingRecord> ResultsSuite::found(const ResultsQuery& query, std::uint64_t at_once) {
  std::vector<FindingRecord> all;
  auto cursor = results().open(query, {});
  if (!cursor) {
    ADD_FAILURE() << cursor.error().message;
    return all;
  }
  for (;;) {
    auto some = cursor->next(at_once, {});
    if (!some) ADD_FAILURE() << some.error().message;
    if (!some || some->empty()) return all;
    for (FindingRecord& one : *some) all.push_back(std::move(one));
  }
}

std::vector<std::string> ResultsSuite::matching(const std::string& generation,
                                                const std::string& field,
                                                std::vector<ResultsOperand> operands) {
  ResultsQuery query = everythingOf(generation);
  query.conditions.push_back({field, std::move(operands)});
  const std::vector<std::string> ids = checkIds(found(query));
  const auto count = results().count(query, {});
  EXPECT_TRUE(count && *count == ids.size()) << "count disagrees for " << field;
  return ids;
}

std::vector<std::string> ResultsSuite::sorted(const std::string& generation,
                                              std::vector<ResultsSortKey> keys) {
  ResultsQuery query = everythingOf(generation);
  query.sort = std::move(keys);
  return checkIds(found(query, 2));
}

FindingRecord ResultsSuite::finding(const std::string& check_id, const std::string& host) {
  FindingRecord record;
  record.host = host;
  record.check_id = check_id;
  record.scanner_family = "test";
  record.fingerprint = "1:" + host + "-" + check_id;
  return record;
}

std::vector<std::string> ResultsSuite::checkIds(const std::vector<FindingRecord>& findings) {
  std::vector<std::string> ids;
  for (const FindingRecord& one : findings) ids.push_back(one.check_id);
  return ids;
}

ResultsQuery ResultsSuite::everythingOf(const std::string& generation) {
  ResultsQuery query;
  query.generation = generation;
  return query;
}

}  // namespace scanhost::suites
