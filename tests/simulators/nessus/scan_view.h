// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// Scans as the API shows them: the shapes of its JSON, apart from what they mean.
#pragma once

#include <scanhost/json.h>

#include <string>

#include "tests/simulators/nessus/scans.h"

namespace scanhost::simulator {

/// The object that creating and configuring answer.
Json scanObject(const Scan& scan, const std::string& owner);
/// An entry of GET /scans.
Json scanListEntry(const Scan& scan, const std::string& owner);
/// GET /scans/{id}; `run` is null before the first launch.
Json scanDetails(const Scan& scan, const Run* run, Timestamp now);
/// GET /scans/{id}/hosts/{hid}, `host_id` counting from 1.
Json hostDetails(const Run& run, std::int64_t host_id);
/// GET /scans/{id}/hosts/{hid}/plugins/{pid}
Json pluginOutput(const Run& run, std::int64_t host_id, std::int64_t plugin_id);
/// Everything about a scan, for tests.
Json scanState(const Scan& scan, Timestamp now);
/// {"folders":[...]}'s list.
Json folderList();

}  // namespace scanhost::simulator
