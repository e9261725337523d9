// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// Names that clients and dashboards know from the earlier service and that belong to one scanner
/// or one queue. They stand here and nowhere else in the host.
#pragma once

#include <scanhost/json.h>
#include <scanhost/queue_records.h>

#include <string_view>

#include "host/config/config.h"
#include "host/telemetry/health.h"

namespace scanhost {

/// `nessus_scan_id`: the remote reference as a number, for Nessus tasks; null before there is one.
void addHistoricTaskFields(const QueuedTask& task, std::string_view scanner_type, Json& answer);
/// The same for events, which carry it once it is known.
void addHistoricEventFields(const QueuedTask& task, Json& fields);
/// `redis_url`, which the plugin takes without a login in it; null with another queue.
void addHistoricStartFields(const PluginEntry& queue, Json& fields);
/// `redis_healthy`, only with a Redis queue.
void addHistoricHealthFields(Health& health, std::string_view queue_plugin);

}  // namespace scanhost
