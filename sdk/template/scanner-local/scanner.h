// SPDX-FileCopyrightText: @VENDOR@
// SPDX-License-Identifier: @SPDX@

/// Scans by running a program, through the host, and reading what it prints.
#pragma once

#include <scanhost/scanner.h>

#include <string>

class @CLASS@ : public scanhost::LocalScanner {
 public:
  explicit @CLASS@(const scanhost::Settings& settings);

  scanhost::ScannerDescription describe() override;
  scanhost::ScannerHealth selfTest(scanhost::Call& call) override;
  scanhost::Summary scan(const scanhost::ScanRequest& request, scanhost::FindingSink& sink,
                         scanhost::Call& call) override;

 private:
  const scanhost::Host host_;
  const std::string program_;
  const scanhost::Json ports_;
};
