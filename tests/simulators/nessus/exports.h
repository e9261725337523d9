// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// Exported files: made in a moment, fetched by file number or by token, forgotten after a while.
///
/// Nothing is written anywhere; an export remembers which report, and how much of it, to stream.
/// Used under the simulator's lock.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <iosfwd>
#include <memory>
#include <string>
#include <vector>

#include "host/base/time.h"
#include "tests/simulators/nessus/report.h"

namespace scanhost::simulator {

struct Export {
  std::int64_t file = 0;
  std::string token;
  std::int64_t scan_id = 0;
  std::string scan_name;
  std::string format;
  std::shared_ptr<const Report> report;
  std::size_t hosts = 0;  ///< those that were finished when it was asked for
  Timestamp made;

  /// A format that this server cannot make: asking for it succeeds, and the file never comes.
  bool broken() const { return format == "pdf"; }
  std::string fileName() const;
  /// Writes the file; may be kept and called after the export is gone.
  std::function<void(std::ostream&)> writer() const;
};

class Exports {
 public:
  explicit Exports(std::chrono::microseconds making,
                   std::chrono::seconds kept = std::chrono::hours(1))
      : making_(making), kept_(kept) {}

  /// "nessus", "csv", "html", and "pdf", which then fails.
  static bool knows(const std::string& format);

  /// Gives file number and token.
  const Export& add(Export made, Timestamp now);
  /// Null when unknown or expired.
  const Export* findFile(std::int64_t scan_id, std::int64_t file, Timestamp now);
  const Export* findToken(const std::string& token, Timestamp now);
  bool ready(const Export& wanted, Timestamp now) const {
    return now.micros - wanted.made.micros >= making_.count();
  }

 private:
  void forgetOld(Timestamp now);

  std::chrono::microseconds making_;
  std::chrono::seconds kept_;
  std::vector<Export> exports_;
};

}  // namespace scanhost::simulator
