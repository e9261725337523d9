// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// Entries of an audit ledger, newest first, for people to read.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "host/policy/audit_entry.h"

namespace scanhost {

struct LedgerQuery {
  std::uint64_t before = 0;  ///< only entries before this one; 0: from the newest on
  std::string task_id = {};  ///< empty: of any or none
  std::optional<AuditKind> kind = {};
  std::size_t limit = 20;
  std::uint64_t most_bytes = 64u << 20;  ///< of lines that are looked at
};

struct LedgerPage {
  std::vector<Json> entries;
  std::uint64_t next = 0;  ///< where the next page goes on, as `before`; 0: there is no more
  /// Lines that were altered, and are not shown. checkLedger() tells which.
  std::uint64_t unreadable = 0;
};

/// Also while the ledger is being written. An error when a file cannot be read.
Result<LedgerPage> readLedger(const std::filesystem::path& folder, const LedgerQuery& query);

}  // namespace scanhost
