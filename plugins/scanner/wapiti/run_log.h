// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// Follows what Wapiti says while it runs: how far it is, whether anybody answered, and what it
/// left undone. Its report tells none of that.
///
///     RunLog log(modules);
///     log.feedOutput(chunk); log.feedErrors(chunk);
///
/// Lines are bounded; what a site smuggles into one can only make the scan look less complete.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

namespace scanhost::wapiti {

class RunLog {
 public:
  /// Called with the share of the run that is done, 0 to 1, and the module at work.
  using Progress = std::function<void(double share, std::string_view module)>;

  RunLog(std::size_t modules, Progress progress)
      : modules_(modules), progress_(std::move(progress)) {}

  void feedOutput(std::string_view text);
  void feedErrors(std::string_view text);
  /// Says that there is no more.
  void finish();

  /// Pages and forms that were found; 0 when nobody answered or it did not come so far.
  std::uint64_t pages() const { return pages_; }
  /// Why the run left something untested; empty when it left nothing.
  std::string undone() const;

 private:
  using Line = void (RunLog::*)(std::string_view);

  void feed(std::string_view text, std::string& line, Line take);
  void takeOutput(std::string_view line);
  void takeErrors(std::string_view line);
  void leaveUndone(std::string_view why);

  std::size_t modules_;
  Progress progress_;
  std::string output_line_, error_line_;
  bool crawled_ = false;
  std::uint64_t pages_ = 0;
  std::size_t modules_begun_ = 0;
  std::string undone_;
};

}  // namespace scanhost::wapiti
