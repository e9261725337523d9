// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// A metric family: its name, its help, and its series, each found by its label values.
///
/// Finding a series takes no lock and no memory, so that moving one costs some nanoseconds; making
/// the first one of some label values takes a lock. The number of series is bounded, and so is, for
/// a label with a vocabulary, what it may say. What is removed is hidden rather than freed, for
/// somebody may be moving it: it moves on unseen, and comes back when it is declared again, a gauge
/// at zero and the others where they have come to, for they never go back. Any thread.
#pragma once

#include <algorithm>
#include <atomic>
#include <bit>
#include <cstdint>
#include <cstring>
#include <initializer_list>
#include <limits>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "host/telemetry/metric_cells.h"
#include "host/telemetry/metrics.h"

namespace scanhost {

/// Series of one family past this many are counted as one whose every label says "other". Enough
/// for 200 scanners with 22 histograms each: 11 calls that succeed or fail.
inline constexpr std::size_t max_series_per_family = 5'000;
/// What is longer is cut.
inline constexpr std::size_t max_label_value_bytes = 128;
inline constexpr const char* other_label_value = "other";

/// The values of the labels, in the order in which the family names them. For arguments of calls:
/// it does not outlive the list that it is made of.
class LabelValues {
 public:
  LabelValues(std::initializer_list<std::string_view> values) : count_(values.size()) {
    first_ = values.begin();
  }
  explicit LabelValues(const std::vector<std::string_view>& values) : count_(values.size()) {
    first_ = values.data();
  }

  const std::string_view* begin() const { return first_; }
  const std::string_view* end() const { return first_ + count_; }

 private:
  const std::string_view* first_;
  std::size_t count_;
};

struct Label {
  Label(std::string its_name, std::vector<std::string_view> its_vocabulary = {})
      : name(std::move(its_name)), vocabulary(std::move(its_vocabulary)) {}
  Label(const char* its_name) : name(its_name) {}

  friend bool operator==(const Label&, const Label&) = default;

  std::string name;
  /// What it may say; anything else becomes "other". Empty: whatever it is given.
  std::vector<std::string_view> vocabulary;
};

/// What the catalogue knows of a family, whatever its type.
class SeriesFamily {
 public:
  SeriesFamily(std::string name, std::string help, MetricType type)
      : name_(std::move(name)), help_(std::move(help)), type_(type) {}
  virtual ~SeriesFamily() = default;
  SeriesFamily(const SeriesFamily&) = delete;
  SeriesFamily& operator=(const SeriesFamily&) = delete;

  const std::string& name() const { return name_; }
  MetricType type() const { return type_; }
  virtual std::size_t size() const = 0;

  /// A copy, ordered by label values; labels by name.
  MetricFamily snapshot() const { return {name_, help_, type_, samples()}; }

 private:
  virtual std::vector<MetricSample> samples() const = 0;

  const std::string name_, help_;
  const MetricType type_;
};

/// The bytes as words, the last of which may repeat some; for texts are short, and a call of memcmp
/// costs what all else does.
template <class Visitor>
void eachWord(const char* at, std::size_t size, Visitor visit) {
  const auto read = [](const char* from, auto word) {
    std::memcpy(&word, from, sizeof word);
    return word;
  };
  for (; size > 8; at += 8, size -= 8) visit(read(at, std::uint64_t{}));
  if (size >= 4)
    visit(read(at, std::uint32_t{}) | std::uint64_t{read(at + size - 4, std::uint32_t{})} << 32);
  else if (size > 0)
    visit(read(at, std::uint8_t{}) | std::uint64_t{read(at + size / 2, std::uint8_t{})} << 8 |
          std::uint64_t{read(at + size - 1, std::uint8_t{})} << 16);
}

inline bool isSameText(const char* a, const char* b, std::size_t size) {
  const auto differ = [&](auto word, std::size_t offset) {
    auto other = word;
    std::memcpy(&word, a + offset, sizeof word);
    std::memcpy(&other, b + offset, sizeof other);
    return word != other;
  };
  if (size >= 8) {
    for (std::size_t at = 0; at + 8 < size; at += 8)
      if (differ(std::uint64_t{}, at)) return false;
    return !differ(std::uint64_t{}, size - 8);
  }
  if (size >= 4) return !differ(std::uint32_t{}, 0) && !differ(std::uint32_t{}, size - 4);
  for (std::size_t at = 0; at < size; ++at)
    if (a[at] != b[at]) return false;
  return true;
}

template <class Cell>
class MetricSeries : public SeriesFamily {
 public:
  static constexpr MetricType type_of_cell = std::is_same_v<Cell, CounterCell> ? MetricType::counter
                                             : std::is_same_v<Cell, GaugeCell>
                                                 ? MetricType::gauge
                                                 : MetricType::histogram;

  /// `bounds` are for histograms alone.
  MetricSeries(std::string name, std::string help, std::vector<Label> labels = {},
               std::vector<double> bounds = {})
      : SeriesFamily(std::move(name), std::move(help), type_of_cell),
        labels_(std::move(labels)),
        bounds_(std::move(bounds)) {
    growTo(8);
  }

  const std::vector<Label>& labels() const { return labels_; }
  const std::vector<double>& bounds() const { return bounds_; }

  /// Makes the series exist, at zero.
  void declare(LabelValues values) {
    if (!contains(values)) make(values, true);
  }
  /// The series of these values, which is made when absent.
  Cell& at(LabelValues values) {
    if (Series* const found = find(values, hashOf(values))) [[likely]]
      return found->cell;
    return make(values, false);
  }
  bool contains(LabelValues values) const {
    const Series* const found = find(values, hashOf(values));
    return found && !found->is_hidden.load(std::memory_order_acquire);
  }
  std::size_t size() const override {
    const std::lock_guard lock(mutex_);
    return shown_;
  }

  /// Removes the series whose label values `gone` accepts.
  template <class Predicate>
  void removeIf(Predicate gone) {
    const std::lock_guard lock(mutex_);
    for (const auto& series : all_)
      if (!series->is_hidden && gone(series->texts())) {
        series->is_hidden = true;
        --shown_;
      }
  }

 private:
  struct Series {
    Series(std::uint64_t its_hash, std::string its_key, const std::vector<double>& bounds)
        : hash(its_hash), key(std::move(its_key)), cell(makeCell(bounds)) {}

    static Cell makeCell(const std::vector<double>& bounds) {
      if constexpr (type_of_cell == MetricType::histogram)
        return Cell(bounds);
      else
        return Cell();
    }
    bool says(LabelValues values) const {
      const char* at = key.data();
      for (const std::string_view value : values) {
        const auto size = static_cast<unsigned char>(*at++);
        if (size != value.size() || !isSameText(at, value.data(), size)) return false;
        at += size;
      }
      return true;
    }
    template <class Visitor>
    void eachValue(Visitor visit) const {
      for (const char *at = key.data(), *end = at + key.size(); at < end;) {
        const auto size = static_cast<unsigned char>(*at++);
        visit(std::string_view(at, size));
        at += size;
      }
    }
    std::vector<std::string_view> values() const {
      std::vector<std::string_view> values;
      eachValue([&](std::string_view value) { values.push_back(value); });
      return values;
    }
    std::vector<std::string> texts() const {
      std::vector<std::string> texts;
      eachValue([&](std::string_view value) { texts.emplace_back(value); });
      return texts;
    }

    const std::uint64_t hash;
    const std::string key;  ///< each value after a byte with its length
    std::atomic<bool> is_hidden{false};
    alignas(64) Cell cell;  // what finds it is not in the cache line that moves of it fight for
  };

  /// An open hash table that is replaced by a larger one; the smaller ones are kept, since somebody
  /// may be looking into them.
  struct Slots {
    explicit Slots(std::size_t count) : mask(count - 1), slots(new std::atomic<Series*>[count]()) {}
    const std::size_t mask;
    const std::unique_ptr<std::atomic<Series*>[]> slots;

    void put(Series& series) {
      std::size_t i = series.hash & mask;
      while (slots[i].load(std::memory_order_relaxed)) i = (i + 1) & mask;
      slots[i].store(&series, std::memory_order_release);
    }
  };

  static std::uint64_t hashOf(LabelValues values) {
    std::uint64_t hash = 0;
    const auto mix = [&hash](std::uint64_t word) { hash = std::rotl(hash, 11) + word; };
    for (const std::string_view value : values) {
      eachWord(value.data(), value.size(), mix);
      mix(value.size());
    }
    hash *= 0x9e37'79b9'7f4a'7c15;
    return hash ^ hash >> 32;
  }

  Series* find(LabelValues values, std::uint64_t hash) const {
    const Slots& table = *slots_.load(std::memory_order_acquire);
    for (std::size_t i = hash & table.mask;; i = (i + 1) & table.mask) {
      Series* const series = table.slots[i].load(std::memory_order_acquire);
      if (!series || (series->hash == hash && series->says(values))) return series;
    }
  }

  /// What the label says of a value: no more than it may.
  static std::string_view said(const Label& label, std::string_view value) {
    const auto& known = label.vocabulary;
    if (!known.empty() && std::find(known.begin(), known.end(), value) == known.end())
      return other_label_value;
    return value.substr(0, max_label_value_bytes);
  }

  [[gnu::noinline]] Cell& make(LabelValues values, bool show) {
    std::vector<std::string_view> allowed;
    auto label = labels_.begin();
    for (const std::string_view value : values) allowed.push_back(said(*label++, value));
    const std::lock_guard lock(mutex_);
    Series* series = findOrAdd(LabelValues(allowed), show, shown_ < max_series_per_family);
    if (!series) {
      allowed.assign(allowed.size(), other_label_value);
      series = findOrAdd(LabelValues(allowed), true, true);
    }
    return series->cell;
  }

  /// `show`: also when it is hidden. Null when absent and not to be added.
  Series* findOrAdd(LabelValues values, bool show, bool may_add) {
    const std::uint64_t hash = hashOf(values);
    Series* series = find(values, hash);
    if (series && !(show && series->is_hidden)) return series;
    if (!may_add) return nullptr;
    if (series) {
      if constexpr (std::is_same_v<Cell, GaugeCell>) series->cell.set(0);
      series->is_hidden = false;
    } else {
      series = &add(values, hash);
    }
    ++shown_;
    return series;
  }
  Series& add(LabelValues values, std::uint64_t hash) {
    std::string key;
    for (const std::string_view value : values) {
      key += static_cast<char>(value.size());
      key += value;
    }
    auto made = std::make_unique<Series>(hash, std::move(key), bounds_);
    Series& series = *made;
    const auto after =
        std::upper_bound(all_.begin(), all_.end(), made,
                         [](const auto& a, const auto& b) { return a->values() < b->values(); });
    all_.insert(after, std::move(made));
    if (2 * all_.size() > tables_.back()->mask)
      growTo(2 * (tables_.back()->mask + 1));
    else
      tables_.back()->put(series);
    return series;
  }
  void growTo(std::size_t count) {
    auto larger = std::make_unique<Slots>(count);
    for (const auto& series : all_) larger->put(*series);
    slots_.store(larger.get(), std::memory_order_release);
    tables_.push_back(std::move(larger));
  }

  std::vector<MetricSample> samples() const override {
    const std::lock_guard lock(mutex_);
    std::vector<MetricSample> samples;
    samples.reserve(shown_);
    for (const auto& series : all_)
      if (!series->is_hidden) samples.push_back(sampleOf(*series));
    return samples;
  }
  MetricSample sampleOf(const Series& series) const {
    MetricSample sample;
    sample.labels.reserve(labels_.size());
    auto label = labels_.begin();
    series.eachValue(
        [&](std::string_view value) { sample.labels.emplace_back((label++)->name, value); });
    std::sort(sample.labels.begin(), sample.labels.end());
    if constexpr (type_of_cell == MetricType::histogram) {
      sample.buckets.reserve(series.cell.bucketCount());
      for (std::size_t i = 0; i < series.cell.bucketCount(); ++i) {
        sample.count += series.cell.countIn(i);
        sample.buckets.push_back(
            {i < bounds_.size() ? bounds_[i] : std::numeric_limits<double>::infinity(),
             sample.count});
      }
      sample.sum = series.cell.sum();
    } else {
      sample.value = series.cell.value();
    }
    return sample;
  }

  const std::vector<Label> labels_;
  const std::vector<double> bounds_;
  std::atomic<const Slots*> slots_{nullptr};  // the last of tables_

  mutable std::mutex mutex_;  // of what follows
  std::vector<std::unique_ptr<Series>> all_;
  std::vector<std::unique_ptr<Slots>> tables_;
  std::size_t shown_ = 0;
};

/// All families by name, each with its owner: a plugin, or nobody for the host's.
class MetricCatalogue {
 public:
  using Labels = std::vector<Label>;

  MetricSeries<CounterCell>& counter(const char* name, const char* help, Labels labels = {}) {
    return add<CounterCell>({}, name, help, std::move(labels));
  }
  MetricSeries<GaugeCell>& gauge(const char* name, const char* help, Labels labels = {}) {
    return add<GaugeCell>({}, name, help, std::move(labels));
  }
  MetricSeries<HistogramCell>& histogram(const char* name, const char* help, Labels labels,
                                         std::vector<double> bounds) {
    return add<HistogramCell>({}, name, help, std::move(labels), std::move(bounds));
  }

  /// The name must be new.
  template <class Cell>
  MetricSeries<Cell>& add(std::string owner, const std::string& name, const std::string& help,
                          Labels labels, std::vector<double> bounds = {}) {
    auto made =
        std::make_unique<MetricSeries<Cell>>(name, help, std::move(labels), std::move(bounds));
    MetricSeries<Cell>& series = *made;
    const std::lock_guard lock(mutex_);
    families_[name] = {std::move(owner), std::move(made)};
    return series;
  }
  /// Null when there is none of that name and type.
  template <class Cell>
  MetricSeries<Cell>* find(const std::string& name) const {
    const std::lock_guard lock(mutex_);
    const auto found = families_.find(name);
    return found == families_.end() ? nullptr
                                    : dynamic_cast<MetricSeries<Cell>*>(found->second.series.get());
  }
  /// Null when the name is free.
  const std::string* ownerOf(const std::string& name) const {
    const std::lock_guard lock(mutex_);
    const auto found = families_.find(name);
    return found == families_.end() ? nullptr : &found->second.owner;
  }
  std::size_t seriesOf(const std::string& owner) const {
    const std::lock_guard lock(mutex_);
    std::size_t count = 0;
    for (const auto& [name, family] : families_)
      if (family.owner == owner) count += family.series->size();
    return count;
  }
  std::vector<MetricFamily> snapshot() const {
    const std::lock_guard lock(mutex_);
    std::vector<MetricFamily> families;
    families.reserve(families_.size());
    for (const auto& [name, family] : families_) families.push_back(family.series->snapshot());
    return families;
  }

 private:
  struct Owned {
    std::string owner;
    std::unique_ptr<SeriesFamily> series;
  };

  mutable std::mutex mutex_;
  std::map<std::string, Owned> families_;  // none is ever removed
};

}  // namespace scanhost
