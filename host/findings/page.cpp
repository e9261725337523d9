// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "host/findings/page.h"

#include <algorithm>

namespace scanhost {

Result<PageWindow> makePage(std::int64_t page, std::int64_t page_size) {
  if (page < 0)
    return fail(ErrorClass::config,
                "page is " + std::to_string(page) + "; pages count from 1, and 0 means everything");
  const std::int64_t size = std::clamp(page_size, smallest_page, largest_page);
  std::uint64_t offset = 0;
  const std::uint64_t before = page > 0 ? static_cast<std::uint64_t>(page - 1) : 0;
  if (__builtin_mul_overflow(before, static_cast<std::uint64_t>(size), &offset)) offset = ~0ull;
  return PageWindow{page, size, offset};
}

PageWindow pageAt(std::uint64_t offset, std::int64_t page_size) {
  const std::int64_t size = std::clamp(page_size, smallest_page, largest_page);
  const std::uint64_t page = offset / static_cast<std::uint64_t>(size) + 1;
  return {static_cast<std::int64_t>(page), size, offset};
}

PageEnd endOf(const PageWindow& window, std::uint64_t total, std::uint64_t served) {
  PageEnd end;
  end.total_pages = totalPages(total, window.page_size);
  if (window.offset >= total) return end;
  const std::uint64_t next = window.offset + served;
  if (next >= total) return end;
  const auto size = static_cast<std::uint64_t>(window.page_size);
  end.next_offset = next;
  if (next % size == 0) end.next_page = static_cast<std::int64_t>(next / size + 1);
  return end;
}

std::int64_t totalPages(std::uint64_t total, std::int64_t page_size) {
  const auto size = static_cast<std::uint64_t>(page_size);
  return static_cast<std::int64_t>(std::max<std::uint64_t>(1, total / size + (total % size != 0)));
}

}  // namespace scanhost
