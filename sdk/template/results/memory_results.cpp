// SPDX-FileCopyrightText: @VENDOR@
// SPDX-License-Identifier: @SPDX@
#include "memory_results.h"

#include <algorithm>
#include <cstdio>

#include "field.h"

using namespace scanhost;

namespace {

/// Knows places and holds nothing: what it reads may have been removed meanwhile.
class Cursor : public ResultsCursor {
 public:
  Cursor(const @CLASS@& store, std::string generation, std::vector<std::size_t> places)
      : store_(store), generation_(std::move(generation)), places_(std::move(places)) {}

  void next(std::uint64_t max, const Tell& tell, Call& call) override {
    for (; max > 0 && at_ < places_.size(); --max) {
      call.check();
      tell(store_.at(generation_, places_[at_++]));
    }
  }

 private:
  const @CLASS@& store_;
  const std::string generation_;
  const std::vector<std::size_t> places_;
  std::size_t at_ = 0;
};

}  // namespace

@CLASS@::@CLASS@(const Settings& settings) : data_dir_(settings.dataDir()) {}

void @CLASS@::start(Call&) {
  const std::lock_guard<std::mutex> lock(mutex_);
  load();
}

void @CLASS@::stop(Call&) {
  const std::lock_guard<std::mutex> lock(mutex_);
  save();
}

std::string @CLASS@::openGeneration(const Generation& generation, Call&) {
  const std::lock_guard<std::mutex> lock(mutex_);
  char name[24];
  std::snprintf(name, sizeof name, "g%016llx", static_cast<unsigned long long>(next_++));
  generations_[name].generation = generation;
  return name;
}

void @CLASS@::append(const std::string& generation, const std::vector<FindingRecord>& findings,
                     Call&) {
  const std::lock_guard<std::mutex> lock(mutex_);
  Stored& stored = find(generation);
  if (stored.summary)
    throw PluginError(ErrorClass::internal, "generation " + generation + " is sealed");
  for (const FindingRecord& finding : findings) add(stored, finding);
}

void @CLASS@::seal(const std::string& generation, const std::string& summary, Call&) {
  const std::lock_guard<std::mutex> lock(mutex_);
  find(generation).summary = summary;
}

std::optional<std::string> @CLASS@::current(const std::string& task_id, std::uint64_t epoch,
                                            Call&) {
  const std::lock_guard<std::mutex> lock(mutex_);
  std::optional<std::string> newest;
  for (const auto& [name, stored] : generations_)
    if (stored.generation.task_id == task_id && stored.generation.epoch == epoch) newest = name;
  return newest;
}

std::optional<std::string> @CLASS@::summary(const std::string& generation, Call&) {
  const std::lock_guard<std::mutex> lock(mutex_);
  return find(generation).summary;
}

std::unique_ptr<ResultsCursor> @CLASS@::open(const ResultsQuery& query, Call& call) {
  const std::lock_guard<std::mutex> lock(mutex_);
  std::vector<std::size_t> places = matching(query, call);
  const std::size_t from = std::min<std::uint64_t>(query.offset, places.size());
  places.erase(places.begin(), places.begin() + static_cast<std::ptrdiff_t>(from));
  if (query.limit != 0 && places.size() > query.limit)
    places.resize(static_cast<std::size_t>(query.limit));
  return std::make_unique<Cursor>(*this, query.generation, std::move(places));
}

std::uint64_t @CLASS@::count(const ResultsQuery& query, Call& call) {
  const std::lock_guard<std::mutex> lock(mutex_);
  return matching(query, call).size();
}

std::uint64_t @CLASS@::remove(const std::string& task_id, Call&) {
  const std::lock_guard<std::mutex> lock(mutex_);
  std::uint64_t findings = 0;
  for (auto one = generations_.begin(); one != generations_.end();) {
    if (one->second.generation.task_id != task_id) {
      ++one;
      continue;
    }
    findings += one->second.findings.size();
    one = erase(one);
  }
  return findings;
}

std::uint64_t @CLASS@::sweep(std::int64_t from_us, std::int64_t before_us, std::uint32_t limit,
                             const Keep& keep, Call&) {
  std::vector<std::pair<std::int64_t, std::string>> of_that_time;
  const std::lock_guard<std::mutex> lock(mutex_);
  for (const auto& [name, stored] : generations_)
    if (const std::int64_t created = stored.generation.created_us;
        created >= from_us && created < before_us)
      of_that_time.emplace_back(created, name);
  std::sort(of_that_time.begin(), of_that_time.end());
  std::uint64_t removed = 0;
  for (const auto& [created, name] : of_that_time) {
    if (removed >= limit) break;
    const auto one = generations_.find(name);
    if (keep(one->second.generation.task_id, name)) continue;
    erase(one);
    ++removed;
  }
  return removed;
}

FindingRecord @CLASS@::at(const std::string& generation, std::size_t index) const {
  const std::lock_guard<std::mutex> lock(mutex_);
  return withTimes(find(generation).findings.at(index));
}

const @CLASS@::Stored& @CLASS@::find(const std::string& name) const {
  const auto found = generations_.find(name);
  if (found == generations_.end())
    throw PluginError(ErrorClass::lost, "there is no generation " + name.substr(0, 64));
  return found->second;
}

@CLASS@::Stored& @CLASS@::find(const std::string& name) {
  return const_cast<Stored&>(static_cast<const @CLASS@&>(*this).find(name));
}

std::vector<std::size_t> @CLASS@::matching(const ResultsQuery& query, Call& call) const {
  for (const ResultsCondition& condition : query.conditions) checkField(condition.field);
  for (const ResultsSortKey& key : query.sort) checkField(key.field);
  std::vector<std::pair<std::size_t, FindingRecord>> found;
  std::vector<std::size_t> places;
  const Stored& stored = find(query.generation);
  for (std::size_t i = 0; i < stored.findings.size(); ++i) {
    call.check();
    FindingRecord finding = withTimes(stored.findings[i]);
    if (!std::all_of(query.conditions.begin(), query.conditions.end(),
                     [&](const ResultsCondition& one) { return matches(finding, one); }))
      continue;
    places.push_back(i);
    if (!query.sort.empty()) found.emplace_back(i, std::move(finding));
  }
  if (query.sort.empty()) return places;
  std::stable_sort(found.begin(), found.end(), [&](const auto& a, const auto& b) {
    return comesBefore(a.second, b.second, query.sort);
  });
  std::transform(found.begin(), found.end(), places.begin(),
                 [](const auto& one) { return one.first; });
  return places;
}

FindingRecord @CLASS@::withTimes(FindingRecord finding) const {
  const auto times = seen_.find(finding.fingerprint);
  if (times == seen_.end()) return finding;
  finding.first_seen_us = *times->second.begin();
  finding.last_seen_us = *times->second.rbegin();
  return finding;
}

void @CLASS@::add(Stored& stored, FindingRecord finding) {
  seen_[finding.fingerprint].insert(stored.generation.created_us);
  stored.findings.push_back(std::move(finding));
}

@CLASS@::Generations::iterator @CLASS@::erase(Generations::iterator one) {
  for (const FindingRecord& finding : one->second.findings) {
    const auto times = seen_.find(finding.fingerprint);
    times->second.erase(times->second.find(one->second.generation.created_us));
    if (times->second.empty()) seen_.erase(times);
  }
  return generations_.erase(one);
}
