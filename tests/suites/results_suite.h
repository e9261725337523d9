// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// The behaviour of result stores: a plugin's test defines a ResultsBackend and instantiates
/// ResultsSuite.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "host/plugins/results_client.h"
#include "tests/suites/loaded_plugin.h"

namespace scanhost::suites {

/// A store that exists for one test.
class ResultsBackend {
 public:
  virtual ~ResultsBackend() = default;
  /// A new instance over the same store, not yet started. One at a time.
  virtual std::unique_ptr<LoadedPlugin> open() = 0;
};

struct ResultsCase {
  std::string name;
  std::function<std::unique_ptr<ResultsBackend>()> make;
};

inline void PrintTo(const ResultsCase& one, std::ostream* out) {
  *out << one.name;
}

inline std::string resultsCaseName(const testing::TestParamInfo<ResultsCase>& info) {
  return info.param.name;
}

class ResultsSuite : public testing::TestWithParam<ResultsCase> {
 protected:
  ResultsSuite() : backend_(GetParam().make()) { reopen(); }

  /// Ends the instance and opens another over the same store.
  void reopen();
  const ResultsClient& results() const { return *client_; }

  std::string opened(const std::string& task_id, std::uint64_t epoch = 1,
                     std::int64_t created_us = 1'000);
  void append(const std::string& generation, const std::vector<FindingRecord>& findings);
  void seal(const std::string& generation, const std::string& summary = R"({"findings":1})");
  /// A sealed generation with these findings.
  std::string sealed(const std::string& task_id, const std::vector<FindingRecord>& findings,
                     std::int64_t created_us = 1'000);
  std::vector<FindingRecord> found(const ResultsQuery& query, std::uint64_t at_once = 100);
  /// The check ids of what meets one condition, in order of arrival; `count` must agree.
  std::vector<std::string> matching(const std::string& generation, const std::string& field,
                                    std::vector<ResultsOperand> operands);
  std::vector<std::string> sorted(const std::string& generation, std::vector<ResultsSortKey> keys);

  static FindingRecord finding(const std::string& check_id, const std::string& host = "10.0.0.1");
  static std::vector<std::string> checkIds(const std::vector<FindingRecord>& findings);
  static ResultsQuery everythingOf(const std::string& generation);

 private:
  std::unique_ptr<ResultsBackend> backend_;
  std::unique_ptr<LoadedPlugin> plugin_;
  std::unique_ptr<ResultsClient> client_;
};

}  // namespace scanhost::suites
