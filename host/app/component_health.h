// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// What /health and /readyz ask of a node's parts.
#pragma once

#include "host/app/stores.h"
#include "host/base/live.h"
#include "host/config/config.h"
#include "host/policy/kill_switch.h"
#include "host/policy/ledger.h"
#include "host/tasks/disk_space.h"
#include "host/tasks/scanners.h"
#include "host/telemetry/health.h"

namespace scanhost {

/// Adds queue, results, disk_free, ledger, kill_switch, scanners, durability and the accept
/// journal; the data folder's file system, too. `health` asks all of them until forgetComponents.
void watchComponents(Health& health, const Config& config, const Stores& stores,
                     const Live<Scanners>& scanners, const DiskSpace& disk, const Ledger& ledger,
                     const KillSwitch& kill_switch);
/// Waits for questions under way. Allowed when nothing was added.
void forgetComponents(Health& health);

}  // namespace scanhost
