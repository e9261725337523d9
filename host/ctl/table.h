// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// Rows of text in aligned columns. Cells must be fit for a terminal already.
#pragma once

#include <ostream>
#include <string>
#include <vector>

namespace scanhost::ctl {

class Table {
 public:
  /// `max_width` 0: as wide as it takes. A narrower terminal costs the widest columns their ends.
  Table(std::vector<std::string> titles, std::size_t max_width);

  void add(std::vector<std::string> cells);
  bool empty() const noexcept { return rows_.empty(); }
  /// Writes what was added since the last time. Titles come first, once, in the widths of then.
  void flush(std::ostream& out);

 private:
  std::vector<std::size_t> naturalWidths() const;
  void shrink(std::vector<std::size_t>& widths) const;
  void writeRow(std::ostream& out, const std::vector<std::string>& cells) const;

  std::vector<std::string> titles_;
  std::size_t max_width_;
  std::vector<std::vector<std::string>> rows_;
  std::vector<std::size_t> widths_;
  bool titles_written_ = false;
};

}  // namespace scanhost::ctl
