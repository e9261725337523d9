// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// Where in an ordered result a page lies, and what comes after it.
#pragma once

#include <cstdint>
#include <optional>

#include "host/base/result.h"

namespace scanhost {

inline constexpr std::int64_t default_page_size = 40;
inline constexpr std::int64_t smallest_page = 10;
inline constexpr std::int64_t largest_page = 100;

struct PageWindow {
  std::int64_t page = 1;  ///< 0: everything
  std::int64_t page_size = default_page_size;
  std::uint64_t offset = 0;  ///< rows to pass over

  bool isEverything() const { return page == 0; }
};

/// From the arguments: the size is clamped to 10..100, a page below 0 is an error.
Result<PageWindow> makePage(std::int64_t page, std::int64_t page_size);
/// From a cursor, which says at which row to go on.
PageWindow pageAt(std::uint64_t offset, std::int64_t page_size);

struct PageEnd {
  std::int64_t total_pages = 1;
  std::optional<std::uint64_t> next_offset;  ///< what next_cursor stands for; nothing at the end
  /// Nothing at the end, and where the next page by number would pass over rows not yet served.
  std::optional<std::int64_t> next_page;
};

/// `served` rows of `total` were written, fewer than a page when it ended early.
PageEnd endOf(const PageWindow& window, std::uint64_t total, std::uint64_t served);

/// max(1, total / page_size rounded up)
std::int64_t totalPages(std::uint64_t total, std::int64_t page_size);

}  // namespace scanhost
