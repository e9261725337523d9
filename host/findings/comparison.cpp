// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "host/findings/comparison.h"

#include <algorithm>
#include <numeric>
#include <optional>

namespace scanhost {
namespace {

constexpr std::size_t severities = 5;
constexpr std::array<std::string_view, 4> change_names{"new", "persisting", "fixed",
                                                       "not_assessed"};

std::size_t classOf(ScanChange change, Severity severity) {
  return static_cast<std::size_t>(change) * severities + severities - 1 -
         static_cast<std::size_t>(severity);
}

/// A stream with its next finding in sight. Findings with one fingerprint count as one.
class Head {
 public:
  explicit Head(const NextFinding& next) : next_(next) {}

  Status advance() {
    const std::string before = fingerprint();
    do {
      auto next = next_();
      if (!next) return tl::unexpected<Error>(next.error());
      finding_ = *next;
      if (!finding_) return {};
    } while (finding_->fingerprint == before);
    if (finding_->fingerprint < before)
      return fail(ErrorClass::internal, "the result store tells findings in another order");
    return {};
  }
  const Finding* finding() const { return finding_; }
  bool isAt(const std::string& fingerprint) const {
    return finding_ && finding_->fingerprint == fingerprint;
  }
  std::string fingerprint() const { return finding_ ? finding_->fingerprint : ""; }

 private:
  const NextFinding& next_;
  const Finding* finding_ = nullptr;
};

class Walk {
 public:
  Walk(const ComparedScans& scans, const RowWindows& windows,
       const std::function<std::string_view(const Finding&)>& assess)
      : windows_(windows), assess_(assess), base_(scans.base), current_(scans.current) {
    if (scans.base_shown) base_filtered_.emplace(scans.base_shown);
    if (scans.current_shown) current_filtered_.emplace(scans.current_shown);
  }

  Result<Comparison> run() {
    for (Head* head : heads())
      if (Status begun = head->advance(); !begun) return tl::unexpected<Error>(begun.error());
    for (;;) {
      const std::string lowest = lowestFingerprint();
      if (lowest.empty()) return std::move(out_);
      judge(lowest);
      for (Head* head : heads())
        if (head->isAt(lowest))
          if (Status gone_on = head->advance(); !gone_on)
            return tl::unexpected<Error>(gone_on.error());
    }
  }

 private:
  std::vector<Head*> heads() {
    std::vector<Head*> all{&base_, &current_};
    if (base_filtered_) all.push_back(&*base_filtered_);
    if (current_filtered_) all.push_back(&*current_filtered_);
    return all;
  }

  std::string lowestFingerprint() const {
    const std::string base = base_.fingerprint(), current = current_.fingerprint();
    if (base.empty() || current.empty()) return base + current;
    return std::min(base, current);
  }

  void judge(const std::string& fingerprint) {
    const bool was = base_.isAt(fingerprint), is = current_.isAt(fingerprint);
    const bool is_shown = current_filtered_ ? current_filtered_->isAt(fingerprint) : is;
    const bool was_shown = base_filtered_ ? base_filtered_->isAt(fingerprint) : was;
    if (is) {
      if (is_shown)
        note(was ? ScanChange::persisting : ScanChange::appeared, *current_.finding(), {});
    } else if (was_shown) {
      const std::string_view reason = assess_(*base_.finding());
      note(reason.empty() ? ScanChange::fixed : ScanChange::not_assessed, *base_.finding(), reason);
    }
  }

  void note(ScanChange change, const Finding& finding, std::string_view reason) {
    const std::size_t row_class = classOf(change, finding.severity);
    const std::uint64_t at = out_.counts[row_class]++;
    const RowWindow& window = windows_[row_class];
    if (at >= window.from && at - window.from < window.count)
      out_.rows[row_class].push_back({change, finding.fingerprint, reason});
  }

  const RowWindows& windows_;
  const std::function<std::string_view(const Finding&)>& assess_;
  Head base_, current_;
  std::optional<Head> base_filtered_, current_filtered_;
  Comparison out_;
};

}  // namespace

std::string_view changeName(ScanChange change) {
  return change_names[static_cast<std::size_t>(change)];
}

std::uint64_t Comparison::count(ScanChange change) const {
  const auto first =
      counts.begin() + static_cast<std::ptrdiff_t>(static_cast<std::size_t>(change) * severities);
  return std::accumulate(first, first + severities, std::uint64_t{0});
}

std::uint64_t Comparison::total() const {
  return std::accumulate(counts.begin(), counts.end(), std::uint64_t{0});
}

Result<Comparison> compareFindings(const ComparedScans& scans, const RowWindows& windows,
                                   const std::function<std::string_view(const Finding&)>& assess) {
  return Walk(scans, windows, assess).run();
}

RowWindows firstRows(std::uint64_t count) {
  RowWindows windows;
  windows.fill({0, count});
  return windows;
}

RowWindows rowsOnPage(const RowCounts& counts, std::uint64_t offset, std::uint64_t count) {
  RowWindows windows{};
  for (std::size_t i = 0; i < row_classes; ++i) {
    const std::uint64_t from = std::min(offset, counts[i]);
    const std::uint64_t taken = std::min(count, counts[i] - from);
    windows[i] = {from, taken};
    offset -= from;
    count -= taken;
  }
  return windows;
}

}  // namespace scanhost
