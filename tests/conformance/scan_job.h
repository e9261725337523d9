// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// One scan as a host drives it, with a local or a remote scanner.
#pragma once

#include <scanhost/abi/scanner.h>
#include <scanhost/text.h>

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "tests/conformance/scan_sink.h"
#include "tests/conformance/subject.h"

namespace scanhost::conformance {

/// What a remote scan's state was told as.
struct ToldState {
  std::int32_t state = 0;
  std::string reference, run_id, marker, name;
};

class ScanJob {
 public:
  /// `instance` has started. The marker is the recording's, so that what was recorded fits.
  explicit ScanJob(Instance& instance, std::chrono::nanoseconds timeout = std::chrono::seconds(20));
  ScanJob(const ScanJob&) = delete;
  ScanJob& operator=(const ScanJob&) = delete;

  /// A login for the targets, which must appear nowhere.
  void useCredential(const std::string& secret);

  // Local.
  Outcome scan(ScanSink& sink, const std::function<void(CheckCall&)>& on_call = {});

  // Remote, in the order of a launch. Each fills in what the next one needs.
  Outcome prepare();
  Outcome start();
  Outcome find(std::vector<ToldState>& states);
  Outcome poll(std::optional<ToldState>& state);
  Outcome control(const char* function);  ///< "pause", "resume", "stop" or "remove"
  Outcome collect(ScanSink& sink, const std::function<void(CheckCall&)>& on_call = {});
  /// Polls until the scan has ended, or a poll fails. Throws Breach when it does not end.
  Outcome follow(std::chrono::milliseconds pause = std::chrono::milliseconds(10),
                 int most_polls = 2000);

  const std::string& marker() const { return marker_; }
  const std::string& reference() const { return reference_; }
  const std::string& runId() const { return run_id_; }
  /// For one that is not ours.
  void pretendMarker(const std::string& marker) { marker_ = marker; }

 private:
  template <class Invoke>
  Outcome call(const char* function, const Invoke& invoke,
               const std::function<void(CheckCall&)>& on_call = {});
  scanhost_remote_scan remoteScan() const;

  Instance& instance_;
  const std::chrono::nanoseconds timeout_;
  std::string marker_, task_id_, reference_, run_id_, secret_;
};

}  // namespace scanhost::conformance
