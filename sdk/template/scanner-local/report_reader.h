// SPDX-FileCopyrightText: @VENDOR@
// SPDX-License-Identifier: @SPDX@

/// What the program prints, as findings. One line each, fields separated by tabs:
///
///     host    192.0.2.7                            an address that answered
///     banner  192.0.2.7   22   SSH-2.0-OpenSSH_9   what a port said first
///     end                                          all was asked: the report is whole
#pragma once

#include <scanhost/scanner.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

class ReportReader {
 public:
  explicit ReportReader(scanhost::FindingSink& sink) : sink_(sink) {}

  /// Takes output as it comes, cut anywhere. Throws PluginError at a line that is none of a report:
  /// what a scanned host says reaches us through the program, so anything may stand there.
  void read(std::string_view chunk);

  bool ended() const { return ended_; }
  std::size_t hosts() const { return hosts_; }
  std::uint64_t bytes() const { return bytes_; }

 private:
  void readLine(std::string_view line);
  void tellBanner(const std::vector<std::string_view>& fields);

  scanhost::FindingSink& sink_;
  std::string rest_;  ///< of a line that has not ended yet
  bool ended_ = false;
  std::size_t hosts_ = 0;
  std::uint64_t bytes_ = 0;
};
