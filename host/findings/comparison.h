// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// What became of findings between two scans: a walk through both in order of fingerprint, in
/// memory that does not grow with them.
///
/// Rows are classed by change and severity, so that a page can begin with the worst of what is new
/// although the walk is in another order: a first walk counts the classes and keeps the head of
/// each, which serves the first page; for a later one a second walk keeps what that page shows.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "host/base/result.h"
#include "host/findings/finding.h"

namespace scanhost {

enum class ScanChange { appeared, persisting, fixed, not_assessed };

/// As clients see it: "new", "persisting", "fixed", "not_assessed".
std::string_view changeName(ScanChange change);

/// The next finding in ascending order of fingerprint, null at the end; lent until the next call.
using NextFinding = std::function<Result<const Finding*>()>;

struct ComparedScans {
  NextFinding base, current;
  /// Those that a filter lets through; empty functions: all. A finding that no longer meets the
  /// filter has not gone for that.
  NextFinding base_shown, current_shown;
};

struct ComparedRow {
  ScanChange change = ScanChange::appeared;
  std::string fingerprint;
  std::string_view reason;  ///< why it is not assessed; else empty
};

/// Rows by change, and within it by severity from the worst.
inline constexpr std::size_t row_classes = 20;

struct RowWindow {
  std::uint64_t from = 0;
  std::uint64_t count = 0;
};
using RowWindows = std::array<RowWindow, row_classes>;
using RowCounts = std::array<std::uint64_t, row_classes>;

struct Comparison {
  RowCounts counts{};                                           ///< one for each fingerprint
  std::array<std::vector<ComparedRow>, row_classes> rows = {};  ///< those in the windows

  std::uint64_t count(ScanChange change) const;
  std::uint64_t total() const;
};

/// `assess` tells of a finding of the base that the current scan lacks why its absence means
/// nothing; an empty text: it is fixed.
Result<Comparison> compareFindings(const ComparedScans& scans, const RowWindows& windows,
                                   const std::function<std::string_view(const Finding&)>& assess);

/// The first `count` rows of every class.
RowWindows firstRows(std::uint64_t count);
/// What of each class lies on the page of `count` rows from `offset` on.
RowWindows rowsOnPage(const RowCounts& counts, std::uint64_t offset, std::uint64_t count);

}  // namespace scanhost
