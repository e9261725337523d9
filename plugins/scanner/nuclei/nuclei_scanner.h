// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// Runs Nuclei on the given addresses and tells what it finds while it runs.
///
/// Ports that take no connection are not handed to it, for it would not tell their silence from
/// cleanness. It cannot pin a name, so it is given none. Nuclei is started by the host without a
/// shell, as its own process group, and dies with the call. It cannot log in. Functions follow the
/// tags of LocalScanner; no state is shared between scans.
#pragma once

#include <scanhost/scanner.h>

#include <filesystem>

#include "plugins/scanner/nuclei/config.h"

namespace scanhost::nuclei {

class NucleiScanner : public LocalScanner {
 public:
  explicit NucleiScanner(const Settings& settings);

  void start(Call& call) override;
  ScannerDescription describe() override;
  ScannerHealth selfTest(Call& call) override;
  Summary scan(const ScanRequest& request, FindingSink& sink, Call& call) override;

 private:
  Host host_;
  std::filesystem::path data_dir_;
  Config config_;
};

}  // namespace scanhost::nuclei
