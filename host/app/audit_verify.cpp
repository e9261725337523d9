// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "host/app/audit_verify.h"

#include <sysexits.h>

#include <iostream>

#include "host/app/audit.h"

namespace scanhost {

int verifyAudit(const std::filesystem::path& folder, LedgerStart start) {
  std::error_code none;
  const auto inner = ledgerFolder(folder);
  const auto report =
      checkLedger(std::filesystem::is_directory(inner, none) ? inner : folder, start);
  if (!report) {
    std::cerr << "scanhost: " << report.error().message << '\n';
    return EX_NOINPUT;
  }
  for (const LedgerProblem& problem : report->problems) std::cerr << problem.text() << '\n';
  const bool whole = report->problems.empty();
  std::cout << (whole ? "whole" : "BROKEN") << ": " << report->entries << " entries from "
            << report->first_sequence << " to " << report->end.sequence << " in " << report->files
            << (report->files == 1 ? " file" : " files") << "; the last has hash "
            << report->end.hash << '\n';
  if (report->torn_bytes > 0)
    std::cout << "note: " << report->torn_bytes
              << " bytes behind it are of a line that is being written, or that a crash cut off\n";
  return whole ? EX_OK : 1;
}

}  // namespace scanhost
