// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// The `targets` argument read into entries: addresses, networks, ranges and host names.
///
/// Strict, because a text that two readers understand differently is a way past the scope: what
/// libc would take for an address in octal, hexadecimal or short form is refused, never guessed.
/// Names are not resolved here; `Scope::check` does that. Values; nothing is shared.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "host/base/result.h"
#include "host/policy/address_range.h"

namespace scanhost {

enum class TargetKind { address, network, range, name };

struct TargetEntry {
  TargetKind kind = TargetKind::address;
  std::string given;      ///< as the client wrote it
  std::string canonical;  ///< formatRange() of the range, or the name: lowercase, no dot at its end
  AddressRange range;     ///< unless it is a name
};

struct TargetLimits {
  std::size_t entries = 1000;        ///< limits.target_entries
  std::uint64_t addresses = 65'536;  ///< limits.target_addresses
};

/// One entry, of any size.
Result<TargetEntry> parseTargetEntry(std::string_view text);

/// A list separated by commas, spaces or newlines. A name counts as one address, an address named
/// twice once. The error names the bad entry.
Result<std::vector<TargetEntry>> parseTargets(std::string_view text,
                                              const TargetLimits& limits = {});

/// How many addresses the entries name together; stops at 2^64 - 1.
std::uint64_t addressCount(const std::vector<TargetEntry>& entries);

/// Whether list_tasks' target_filter selects a task: any entry overlaps it or bears its name.
bool targetsMatch(const std::vector<TargetEntry>& entries, const TargetEntry& filter);

}  // namespace scanhost
