// SPDX-FileCopyrightText: @VENDOR@
// SPDX-License-Identifier: @SPDX@

/// Has its scans done elsewhere, and can be followed from any node: what identifies a scan is the
/// marker in its remote name, not anything that this process remembers.
#pragma once

#include <scanhost/scanner.h>

#include <string>
#include <vector>

#include "spool.h"

class @CLASS@ : public scanhost::RemoteScanner {
 public:
  explicit @CLASS@(const scanhost::Settings& settings)
      : spool_(settings["folder"].asString()) {}

  scanhost::ScannerDescription describe() override;
  scanhost::ScannerHealth selfTest(scanhost::Call& call) override;
  std::string prepareScan(const scanhost::ScanRequest& request, scanhost::Call& call) override;
  std::string startScan(const scanhost::RemoteScan& scan, scanhost::Call& call) override;
  void findScans(std::string_view marker_prefix, scanhost::RemoteStateSink& sink,
                 scanhost::Call& call) override;
  void pollScans(const std::vector<scanhost::RemoteScan>& scans, scanhost::RemoteStateSink& sink,
                 scanhost::Call& call) override;
  void stopScan(const scanhost::RemoteScan& scan, scanhost::Call& call) override;
  scanhost::Summary collectScan(const scanhost::RemoteScan& scan, scanhost::FindingSink& sink,
                                scanhost::Call& call) override;
  void removeScan(const scanhost::RemoteScan& scan, scanhost::Call& call) override;

 private:
  /// The job of a scan, if it is there and carries the scan's marker: others' are left alone.
  std::optional<Spool::Job> ours(const scanhost::RemoteScan& scan) const;

  const Spool spool_;
};
