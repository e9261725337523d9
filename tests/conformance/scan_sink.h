// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// Where a scanner's results go in a case: bounded as the case wants, answering as it wants, and
/// noting everything that breaks the rules of the sink.
#pragma once

#include <scanhost/abi/scanner.h>

#include <functional>
#include <optional>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "tests/conformance/transcript.h"

namespace scanhost::conformance {

class ScanSink {
 public:
  struct Shape {
    std::uint32_t max_batch = 64;
    std::uint64_t max_text = 65536;
    /// Called with the number of each call, from 1; what it answers is the sink's answer.
    std::function<scanhost_status(std::size_t)> on_call = {};
  };

  ScanSink(Transcript& transcript, Shape shape);
  ScanSink(const ScanSink&) = delete;
  ScanSink& operator=(const ScanSink&) = delete;

  const scanhost_scan_sink* abi() const { return &abi_; }
  std::size_t calls() const { return calls_; }
  std::size_t findings() const { return findings_; }
  std::size_t hosts() const { return hosts_; }
  std::size_t summaries() const { return summaries_; }
  bool complete() const { return complete_; }
  std::size_t cutTexts() const { return cut_texts_; }
  /// What tells findings apart from scan to scan: check id and key, host, port.
  const std::multiset<std::string>& identities() const { return identities_; }

 private:
  scanhost_status begin(const char* function, std::uint64_t count, bool is_summary = false);
  void read(const scanhost_finding* record);
  void readText(const char* name, scanhost_text text, const std::set<std::string>& truncated);

  Transcript& transcript_;
  const Shape shape_;
  scanhost_scan_sink abi_{};
  const std::thread::id thread_ = std::this_thread::get_id();
  std::size_t calls_ = 0, findings_ = 0, hosts_ = 0, summaries_ = 0, cut_texts_ = 0;
  bool complete_ = false;
  std::optional<scanhost_status> refusal_;
  std::multiset<std::string> identities_;
};

}  // namespace scanhost::conformance
