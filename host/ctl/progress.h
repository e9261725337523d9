// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// How far a watched scan or queue has come: one line drawn anew on a terminal, elsewhere a line
/// for each change.
#pragma once

#include <ostream>
#include <string>

namespace scanhost::ctl {

/// "[##########..........]"
std::string progressBar(int percent, int width = 20);

class ProgressLine {
 public:
  struct Style {
    bool redraw = false;
    bool colour = false;
  };

  ProgressLine(std::ostream& out, Style style) : out_(out), style_(style) {}
  ~ProgressLine() { end(); }
  ProgressLine(const ProgressLine&) = delete;
  ProgressLine& operator=(const ProgressLine&) = delete;

  bool redraws() const noexcept { return style_.redraw; }
  /// `word` is the state and may be coloured; `rest` follows it. Both fit for a terminal.
  void show(const std::string& word, const std::string& rest);
  /// Leaves the line as it stands; what comes next begins below it.
  void end();

 private:
  std::string coloured(const std::string& word) const;

  std::ostream& out_;
  Style style_;
  std::string last_;
  bool open_ = false;
};

}  // namespace scanhost::ctl
