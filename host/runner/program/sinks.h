// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// The host's sinks as a plugin in a runner sees them: what it hands over goes to the daemon, and
/// each call waits for the daemon's answer, which is the backpressure.
#pragma once

#include <scanhost/abi/scanner.h>

#include "host/runner/program/daemon_link.h"

namespace scanhost::runner {

/// One call's way to the daemon.
class CallLink {
 public:
  CallLink(DaemonLink& daemon, std::uint64_t call) : daemon_(daemon), call_(call) {}

  /// The daemon's answer to what was handed over.
  scanhost_status hand(SinkFunction sink, std::string_view body);

 private:
  DaemonLink& daemon_;
  const std::uint64_t call_;
};

class TextSink {
 public:
  TextSink(CallLink& link, SinkFunction sink);
  TextSink(const TextSink&) = delete;
  TextSink& operator=(const TextSink&) = delete;
  const scanhost_text_sink* abi() const { return &abi_; }

 private:
  CallLink& link_;
  const SinkFunction sink_;
  scanhost_text_sink abi_;
};

class ScannerSink {
 public:
  explicit ScannerSink(CallLink& link);
  ScannerSink(const ScannerSink&) = delete;
  ScannerSink& operator=(const ScannerSink&) = delete;
  const scanhost_scanner_sink* abi() const { return &abi_; }
  /// What the plugin did to the contract; SCANHOST_OK for nothing.
  scanhost_status refusal() const { return refusal_; }

 private:
  CallLink& link_;
  scanhost_status refusal_ = SCANHOST_OK;
  scanhost_scanner_sink abi_;
};

class ScanSink {
 public:
  ScanSink(CallLink& link, const SinkBounds& bounds);
  ScanSink(const ScanSink&) = delete;
  ScanSink& operator=(const ScanSink&) = delete;
  const scanhost_scan_sink* abi() const { return &abi_; }

 private:
  template <class Record>
  scanhost_status hand(SinkFunction sink, const Record* const* records, std::uint64_t count);

  CallLink& link_;
  scanhost_scan_sink abi_;
};

/// Gathers states, of which a poll may tell ten thousand, and hands over many at once: a refusal
/// reaches the plugin with one of the next.
class StateSink {
 public:
  explicit StateSink(CallLink& link);
  StateSink(const StateSink&) = delete;
  StateSink& operator=(const StateSink&) = delete;
  const scanhost_remote_sink* abi() const { return &abi_; }
  /// Hands over what is left, once the plugin is done. Its own failure counts before a refusal.
  scanhost_status end(scanhost_status plugin);

 private:
  scanhost_status take(const scanhost_remote_state* state);
  scanhost_status handOver();

  CallLink& link_;
  Encoder states_;
  std::uint64_t count_ = 0;
  scanhost_status refusal_ = SCANHOST_OK;
  scanhost_remote_sink abi_;
};

}  // namespace scanhost::runner
