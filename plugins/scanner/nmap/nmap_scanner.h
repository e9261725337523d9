// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// Runs nmap on the given addresses and tells what it finds while it runs.
///
/// nmap is started by the host without a shell, as its own process group, and dies with the call.
/// It cannot log in to targets. Functions follow the tags of LocalScanner; no state is shared
/// between scans.
#pragma once

#include <scanhost/scanner.h>

#include "plugins/scanner/nmap/config.h"

namespace scanhost::nmap {

class NmapScanner : public LocalScanner {
 public:
  explicit NmapScanner(const Settings& settings);

  void start(Call& call) override;
  ScannerDescription describe() override;
  ScannerHealth selfTest(Call& call) override;
  Summary scan(const ScanRequest& request, FindingSink& sink, Call& call) override;

 private:
  Host host_;
  Config config_;
};

}  // namespace scanhost::nmap
