// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// How a program ended and what it said last, for messages to an operator.
#pragma once

#include <scanhost/process.h>

#include <string>
#include <string_view>

namespace scanhost::local_scan {

/// Keeps the end of what a program complains about, in one line.
class Complaint {
 public:
  void add(std::string_view text);
  /// Without control characters; "it said nothing" when it did.
  std::string line() const;

 private:
  std::string text_;
};

/// "ended with exit code 2"
std::string howItEnded(const ProgramEnd& end);

}  // namespace scanhost::local_scan
