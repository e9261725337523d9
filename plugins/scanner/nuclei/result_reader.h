// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// Turns Nuclei's lines of JSON, as they come, into findings.
///
///     ResultReader reader(sink, addresses);
///     reader.feed(chunk);  ...  reader.finish();
///
/// Holds one line at a time, of at most `most_line_bytes`; a longer one is passed over and counted.
/// Throws PluginError (transient, "json_invalid: ...") at a line that is no result; what came
/// before has been told. For one thread at a time.
#pragma once

#include <scanhost/scanner.h>

#include <cstdint>
#include <set>
#include <string>
#include <string_view>

namespace scanhost::nuclei {

constexpr std::size_t most_line_bytes = 4u << 20;

class ResultReader {
 public:
  /// `addresses` are those that were handed to Nuclei; what it tells of others is counted and not
  /// told.
  ResultReader(FindingSink& sink, std::set<std::string> addresses)
      : sink_(sink), addresses_(std::move(addresses)) {}

  void feed(std::string_view text);
  void finish();

  std::uint64_t bytesRead() const { return bytes_; }
  std::uint64_t tooLong() const { return too_long_; }
  std::uint64_t ofOthers() const { return of_others_; }

 private:
  void endLine();
  void tell(const Json& result);

  FindingSink& sink_;
  std::set<std::string> addresses_;
  std::string line_;
  bool passing_over_ = false;  ///< the rest of a line that is too long
  std::uint64_t bytes_ = 0, too_long_ = 0, of_others_ = 0;
};

}  // namespace scanhost::nuclei
