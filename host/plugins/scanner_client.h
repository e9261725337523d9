// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// A scanner plugin's instance as the host calls it: values in, Result out.
///
///     ScannerClient scanner("scanner-nessus", table, self, ScannerKind::remote, observer);
///     Result<std::string> reference = scanner.prepare(request, {.timeout = 60s});
///
/// Borrows the instance, which its owner has created and started and which outlives this. Safe from
/// any thread, as far as the plugin's `max_parallel` allows. An answer that breaks the contract (a
/// record shorter than its first revision, a result without a summary) is an error, internal.
#pragma once

#include <scanhost/scanner.h>

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "host/abi/host_call.h"
#include "host/base/result.h"
#include "host/plugins/store_call.h"

namespace scanhost {

enum class ScannerKind { local, remote };

/// What a plugin may put into one call of a ScanSinkHandler.
struct ScanSinkLimits {
  std::uint32_t max_batch = 256;
  std::uint64_t max_text = 64u << 10;
};

/// Takes the results of one scan on the thread that called scan() or collect(). May block. A
/// failure stops the plugin and becomes that call's result. The records are borrowed until it
/// returns.
class ScanSinkHandler {
 public:
  virtual ~ScanSinkHandler() = default;
  virtual Status onFindings(std::span<const scanhost_finding* const> findings) = 0;
  virtual Status onHosts(std::span<const scanhost_host_report* const> hosts) = 0;
  virtual Status onProgress(int percent, std::string_view status) = 0;
  /// Once, last.
  virtual Status onSummary(const Summary& summary) = 0;
};

class ScannerClient {
 public:
  /// `plugin` is the plugin's name, for messages and as the family when it gives none;
  /// `events`, of its instance, takes what it logs.
  ScannerClient(std::string plugin, const scanhost_interface* table, void* self, ScannerKind kind,
                CallObserver observer = {}, const PluginEventSink* events = nullptr);

  /// The scanner interface that a plugin offers: remote when both; nothing when neither.
  static std::optional<ScannerKind> kindOf(const scanhost_plugin& plugin);
  static std::string_view interfaceId(ScannerKind kind);
  /// The names of the calls that an observer hears of: "self_test", "poll", ...
  static std::vector<std::string> operations(ScannerKind kind);

  ScannerKind kind() const { return kind_; }

  Result<ScannerDescription> describe() const;
  Result<ScannerHealth> selfTest(CallOptions options) const;

  /// Local only; unsupported from a remote one, as the others are from a local one.
  Status scan(const ScanRequest& request, ScanSinkHandler& handler, CallOptions options,
              ScanSinkLimits limits = {}) const;

  Result<std::string> prepare(const ScanRequest& request, CallOptions options) const;
  Result<std::string> start(const RemoteScan& scan, CallOptions options) const;
  Result<std::vector<RemoteState>> find(std::string_view marker_prefix, CallOptions options) const;
  Result<std::vector<RemoteState>> poll(std::span<const RemoteScan> scans,
                                        CallOptions options) const;
  Status pause(const RemoteScan& scan, CallOptions options) const;
  Status resume(const RemoteScan& scan, CallOptions options) const;
  Status stop(const RemoteScan& scan, CallOptions options) const;
  Status collect(const RemoteScan& scan, ScanSinkHandler& handler, CallOptions options,
                 ScanSinkLimits limits = {}) const;
  Status remove(const RemoteScan& scan, CallOptions options) const;

 private:
  using RemoteFunction = scanhost_status (*)(void*, const scanhost_call*,
                                             const scanhost_remote_scan*);

  Result<const scanhost_scanner_remote*> remote() const;
  std::string functionName(std::string_view function) const;
  Status onScan(RemoteFunction scanhost_scanner_remote::*function, std::string_view name,
                const RemoteScan& scan, CallOptions options) const;

  std::string plugin_;
  StoreCalls calls_;
  const scanhost_scanner* scanner_;
  void* self_;
  ScannerKind kind_;
};

}  // namespace scanhost
