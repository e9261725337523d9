// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// What Nessus's documents say about a scan's state. Read leniently: lists may be null, numbers may
/// be texts, and a status we do not know counts as running.
#pragma once

#include <scanhost/scanner.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace scanhost::nessus {

RemoteStatus statusOf(std::string_view status);

/// A whole number that may be written as a text; nothing for anything else.
std::optional<std::int64_t> numberOf(const Json& value);

/// From an entry of GET /scans.
RemoteState stateOfEntry(const Json& entry);
/// From GET /scans/{id}; the run is the newest of its history, and the percentage is over its
/// hosts.
RemoteState stateOfDetails(const Json& details, const std::string& reference);

/// 0 to 100 from the checks done on the hosts known so far; -1 when it does not say.
int percentOf(const Json& details);

/// The entry of a scan's history with that run id; the newest when it is empty; null when none.
const Json* runIn(const Json& details, std::string_view run_id);

}  // namespace scanhost::nessus
