// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// Runs Wapiti on the web applications of the given addresses, one after the other.
///
/// An address whose ports take no connection is told as silent and not scanned. Wapiti is started
/// by the host without a shell, as its own process group, and dies with the call; what it writes
/// lies in a folder of the instance that is removed with the run. It cannot log in. Functions
/// follow the tags of LocalScanner; no state is shared between scans.
#pragma once

#include <scanhost/scanner.h>

#include <filesystem>

#include "plugins/scanner/wapiti/command_line.h"
#include "plugins/scanner/wapiti/config.h"

namespace scanhost::wapiti {

class WapitiScanner : public LocalScanner {
 public:
  explicit WapitiScanner(const Settings& settings);

  void start(Call& call) override;
  ScannerDescription describe() override;
  ScannerHealth selfTest(Call& call) override;
  Summary scan(const ScanRequest& request, FindingSink& sink, Call& call) override;

 private:
  /// What became of one application.
  struct SiteResult {
    bool answered = false;
    std::string undone;  ///< empty when everything was tested
    std::uint64_t report_bytes = 0;
  };
  /// Progress goes from `begin` on by `share` of the whole.
  SiteResult scanSite(const Site& site, const ScanOptions& options, double begin, double share,
                      FindingSink& sink, Call& call);

  Host host_;
  std::filesystem::path data_dir_;
  Config config_;
};

}  // namespace scanhost::wapiti
