// SPDX-FileCopyrightText: @VENDOR@
// SPDX-License-Identifier: @SPDX@

/// Findings in the memory of one process: whole in what it does, and a place to begin from.
///
/// It keeps the contract of scanhost.results/1 but for durability: findings outlive a clean stop, by a
/// file in the data folder, and not a crash. Put a real store in its place.
#pragma once

#include <scanhost/results.h>

#include <cstdint>
#include <map>
#include <mutex>
#include <set>
#include <string>
#include <vector>

class @CLASS@ : public scanhost::Results {
 public:
  explicit @CLASS@(const scanhost::Settings& settings);

  void start(scanhost::Call& call) override;
  void stop(scanhost::Call& call) override;

  std::string openGeneration(const scanhost::Generation& generation, scanhost::Call&) override;
  void append(const std::string& generation, const std::vector<scanhost::FindingRecord>& findings,
              scanhost::Call&) override;
  void seal(const std::string& generation, const std::string& summary, scanhost::Call&) override;
  std::optional<std::string> current(const std::string& task_id, std::uint64_t epoch,
                                     scanhost::Call&) override;
  std::optional<std::string> summary(const std::string& generation, scanhost::Call&) override;
  std::unique_ptr<scanhost::ResultsCursor> open(const scanhost::ResultsQuery& query,
                                                scanhost::Call& call) override;
  std::uint64_t count(const scanhost::ResultsQuery& query, scanhost::Call& call) override;
  std::uint64_t remove(const std::string& task_id, scanhost::Call&) override;
  std::uint64_t sweep(std::int64_t from_us, std::int64_t before_us, std::uint32_t limit,
                      const Keep& keep, scanhost::Call&) override;
  void check(scanhost::Call&) override {}

  /// The finding at that place of a generation, with its times.
  scanhost::FindingRecord at(const std::string& generation, std::size_t index) const;

 private:
  struct Stored {
    scanhost::Generation generation;
    std::optional<std::string> summary;  ///< there once it is sealed
    std::vector<scanhost::FindingRecord> findings;
  };
  using Generations = std::map<std::string, Stored>;

  Stored& find(const std::string& name);
  const Stored& find(const std::string& name) const;
  /// Places of what matches, in the order asked for.
  std::vector<std::size_t> matching(const scanhost::ResultsQuery& query, scanhost::Call& call) const;
  scanhost::FindingRecord withTimes(scanhost::FindingRecord finding) const;
  void add(Stored& stored, scanhost::FindingRecord finding);
  Generations::iterator erase(Generations::iterator one);
  std::string file() const { return data_dir_ + "/findings.json"; }
  void load();
  void save() const;

  const std::string data_dir_;
  mutable std::mutex mutex_;
  Generations generations_;  ///< by name, which grows with time
  std::uint64_t next_ = 1;
  std::map<std::string, std::multiset<std::int64_t>> seen_;  ///< times by fingerprint
};
