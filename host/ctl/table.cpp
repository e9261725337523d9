// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "host/ctl/table.h"

#include <algorithm>
#include <numeric>

#include "host/base/escape.h"

namespace scanhost::ctl {
namespace {

constexpr std::size_t gap = 2;
constexpr std::size_t narrowest_column = 8;

}  // namespace

Table::Table(std::vector<std::string> titles, std::size_t max_width)
    : titles_(std::move(titles)), max_width_(max_width) {}

void Table::add(std::vector<std::string> cells) {
  cells.resize(titles_.size());
  rows_.push_back(std::move(cells));
}

void Table::flush(std::ostream& out) {
  if (rows_.empty()) return;
  if (!titles_written_) {
    widths_ = naturalWidths();
    shrink(widths_);
    writeRow(out, titles_);
    titles_written_ = true;
  }
  for (const auto& row : rows_) writeRow(out, row);
  rows_.clear();
}

std::vector<std::size_t> Table::naturalWidths() const {
  std::vector<std::size_t> widths;
  for (std::size_t column = 0; column < titles_.size(); ++column) {
    std::size_t width = displayWidth(titles_[column]);
    for (const auto& row : rows_) width = std::max(width, displayWidth(row[column]));
    widths.push_back(width);
  }
  return widths;
}

void Table::shrink(std::vector<std::size_t>& widths) const {
  if (max_width_ == 0 || widths.empty()) return;
  const auto total = [&widths] {
    return std::accumulate(widths.begin(), widths.end(), gap * (widths.size() - 1));
  };
  while (total() > max_width_) {
    const auto widest = std::max_element(widths.begin(), widths.end());
    if (*widest <= narrowest_column) return;
    --*widest;
  }
}

void Table::writeRow(std::ostream& out, const std::vector<std::string>& cells) const {
  std::string line;
  for (std::size_t column = 0; column < cells.size(); ++column) {
    const bool last = column + 1 == cells.size();
    // Off a terminal nothing is cut: the reader may be a program after all.
    const std::string cell =
        max_width_ == 0 ? cells[column] : cutToWidth(cells[column], widths_[column]);
    line += cell;
    const std::size_t width = displayWidth(cell);
    if (!last) line.append((width < widths_[column] ? widths_[column] - width : 0) + gap, ' ');
  }
  line.erase(line.find_last_not_of(' ') + 1);
  out << line << '\n';
}

}  // namespace scanhost::ctl
