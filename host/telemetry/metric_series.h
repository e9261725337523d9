// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// Metric families with their series cached by label values: what metrics.cpp is made of.
///
/// prometheus-cpp finds a series by hashing a label map (171 ns) and never forgets one; here the
/// lookup is a shared lock and one string, the number of series is bounded, and a series whose
/// subject is gone can be removed. Any thread.
#pragma once

#include <prometheus/counter.h>
#include <prometheus/family.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>

#include <initializer_list>
#include <map>
#include <mutex>
#include <set>
#include <shared_mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace scanhost {

/// Label values past this many series of one family are counted under "other".
inline constexpr std::size_t max_series_per_family = 2'000;
inline constexpr std::size_t max_label_value_bytes = 128;

using LabelValues = std::initializer_list<std::string_view>;

template <class Metric>
class MetricSeries {
 public:
  /// `bounds` are for histograms alone.
  MetricSeries(prometheus::Family<Metric>& family, std::vector<std::string> label_names,
               prometheus::Histogram::BucketBoundaries bounds = {})
      : family_(family), label_names_(std::move(label_names)), bounds_(std::move(bounds)) {}

  /// Makes the series exist, at zero.
  void declare(LabelValues values) {
    with(values, [](Metric&) {});
  }

  /// Calls `move` with the series, which is made when absent.
  template <class Move>
  void with(LabelValues values, Move move) {
    const std::string key = keyOf(values);
    {
      const std::shared_lock lock(mutex_);
      if (const auto found = cache_.find(key); found != cache_.end()) return move(*found->second);
    }
    const std::unique_lock lock(mutex_);
    move(make(key, values));
  }

  /// Removes the series whose label values `gone` accepts.
  template <class Predicate>
  void removeIf(Predicate gone) {
    const std::unique_lock lock(mutex_);
    for (auto it = cache_.begin(); it != cache_.end();) {
      if (gone(split(it->first))) {
        family_.Remove(it->second);
        it = cache_.erase(it);
      } else {
        ++it;
      }
    }
  }

 private:
  static constexpr char separator = '\x1f';

  static std::string keyOf(LabelValues values) {
    std::string key;
    for (const std::string_view value : values) {
      key += value.substr(0, max_label_value_bytes);
      key += separator;
    }
    return key;
  }
  static std::vector<std::string> split(const std::string& key) {
    std::vector<std::string> values;
    for (std::size_t at = 0, end; at < key.size(); at = end + 1) {
      end = key.find(separator, at);
      values.push_back(key.substr(at, end - at));
    }
    return values;
  }

  Metric& make(const std::string& key, LabelValues values) {
    if (const auto found = cache_.find(key); found != cache_.end()) return *found->second;
    if (cache_.size() >= max_series_per_family) return other(values.size());
    prometheus::Labels labels;
    auto name = label_names_.begin();
    for (const std::string_view value : values)
      labels.emplace(*name++, value.substr(0, max_label_value_bytes));
    return *cache_.emplace(key, &add(labels)).first->second;
  }
  /// The series that takes what is past the bound.
  Metric& other(std::size_t count) {
    if (!other_) {
      prometheus::Labels labels;
      for (std::size_t i = 0; i < count; ++i) labels.emplace(label_names_[i], "other");
      other_ = &add(labels);
    }
    return *other_;
  }
  Metric& add(const prometheus::Labels& labels) {
    if constexpr (std::is_same_v<Metric, prometheus::Histogram>)
      return family_.Add(labels, bounds_);
    else
      return family_.Add(labels);
  }

  prometheus::Family<Metric>& family_;
  const std::vector<std::string> label_names_;
  const prometheus::Histogram::BucketBoundaries bounds_;
  std::shared_mutex mutex_;
  std::unordered_map<std::string, Metric*> cache_;
  Metric* other_ = nullptr;
};

/// The registry, and the names that the host has taken in it.
class MetricCatalogue {
 public:
  using Labels = std::vector<std::string>;
  using Bounds = prometheus::Histogram::BucketBoundaries;

  explicit MetricCatalogue(Bounds default_bounds) : default_bounds_(std::move(default_bounds)) {}

  MetricSeries<prometheus::Counter> counter(const char* name, const char* help,
                                            Labels labels = {}) {
    names.insert(name);
    return {prometheus::BuildCounter().Name(name).Help(help).Register(registry), std::move(labels)};
  }
  MetricSeries<prometheus::Gauge> gauge(const char* name, const char* help, Labels labels = {}) {
    names.insert(name);
    return {prometheus::BuildGauge().Name(name).Help(help).Register(registry), std::move(labels)};
  }
  MetricSeries<prometheus::Histogram> histogram(const char* name, const char* help,
                                                Labels labels = {}, Bounds bounds = {}) {
    names.insert(name);
    return {prometheus::BuildHistogram().Name(name).Help(help).Register(registry),
            std::move(labels), bounds.empty() ? default_bounds_ : std::move(bounds)};
  }

  prometheus::Registry registry;
  std::set<std::string> names;

 private:
  const Bounds default_bounds_;
};

}  // namespace scanhost
