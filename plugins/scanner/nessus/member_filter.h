// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// Thins a JSON object as it arrives: of its own members only some keep their value, the others
/// become null. The details of a scan list every check that found something and every host; what
/// of it nobody reads is never held.
///
/// Judges nothing: what is no JSON goes on as what is no JSON either, for the parser to refuse.
/// One thread at a time.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace scanhost::nessus {

class MemberFilter {
 public:
  /// `wanted` outlives this.
  explicit MemberFilter(const std::vector<std::string_view>& wanted) : wanted_(wanted) {}

  /// Appends to `out` what is kept of the next piece.
  void feed(std::string_view piece, std::string& out);

 private:
  bool keeps(char c, std::string& out);
  void inText(char c);
  bool isWanted() const;

  const std::vector<std::string_view>& wanted_;
  std::size_t depth_ = 0;
  std::string name_;  ///< of the member under way, as it is written
  bool in_text_ = false, escaped_ = false;
  bool awaits_name_ = false, in_name_ = false;
  bool drops_ = false;
};

}  // namespace scanhost::nessus
