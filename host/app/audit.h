// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// A node's audit ledger and its kill switch, joined to metrics and events.
#pragma once

#include <filesystem>
#include <memory>

#include "host/policy/kill_switch.h"
#include "host/policy/ledger.h"
#include "host/telemetry/event_log.h"
#include "host/telemetry/metrics.h"

namespace scanhost {

/// Where it lies in a data folder.
std::filesystem::path ledgerFolder(const std::filesystem::path& data_dir);

/// Opens it, tells what was found there, and writes down that the node starts. `metrics` and
/// `events` outlive it.
Result<std::unique_ptr<Ledger>> openLedger(const std::filesystem::path& data_dir,
                                           const std::string& node, Metrics& metrics,
                                           EventLog& events);

/// What a change of the kill switch is told by; one made by hand is written down, too, for nobody
/// else does it. All that is borrowed outlives it.
KillSwitch::OnChanged tellKillSwitch(Ledger& ledger, Metrics& metrics, EventLog& events);

}  // namespace scanhost
