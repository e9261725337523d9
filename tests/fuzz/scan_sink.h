// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// A sink that keeps what a report reader told as one text, so that two readings can be compared.
#pragma once

#include <scanhost/scanner.h>

#include <string>

#include "tests/fuzz/fuzz_target.h"

namespace scanhost::fuzz {

class ScanSink {
 public:
  static constexpr std::uint64_t max_text = 256;

  ScanSink() {
    abi_.struct_size = sizeof abi_;
    abi_.max_batch = 4;
    abi_.max_text = max_text;
    abi_.context = this;
    abi_.findings = [](void* self, const scanhost_finding* const* records, std::uint64_t count) {
      for (std::uint64_t i = 0; i < count; ++i)
        static_cast<ScanSink*>(self)->add(FindingRecord::from(*records[i]));
      return SCANHOST_OK;
    };
    abi_.hosts = [](void* self, const scanhost_host_report* const* records, std::uint64_t count) {
      for (std::uint64_t i = 0; i < count; ++i)
        static_cast<ScanSink*>(self)->told_ += "host " + toString(records[i]->host) + "\n";
      return SCANHOST_OK;
    };
    abi_.progress = [](void*, std::int32_t percent, scanhost_text) {
      require(percent >= 0 && percent <= 100, "progress is a percentage");
      return SCANHOST_OK;
    };
  }
  ScanSink(const ScanSink&) = delete;
  ScanSink& operator=(const ScanSink&) = delete;

  const scanhost_scan_sink* abi() const { return &abi_; }
  const std::string& told() const { return told_; }

 private:
  void add(const FindingRecord& finding) {
    told_ += "finding " + finding.host + " " + finding.port + " " + finding.check_id + " " +
             finding.check_name + " " + finding.output + "\n";
  }

  scanhost_scan_sink abi_{};
  std::string told_;
};

/// Feeds a report in pieces of `step` bytes; answers what was told, or nothing when it was refused.
template <class Reader>
bool feed(Reader& reader, FindingSink& sink, std::string_view xml, std::size_t step) {
  try {
    for (std::size_t at = 0; at < xml.size(); at += step) reader.feed(xml.substr(at, step));
    reader.finish();
    sink.flush();
    return true;
  } catch (const PluginError&) {
    sink.flush();
    return false;
  }
}

}  // namespace scanhost::fuzz
