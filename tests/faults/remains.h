// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// What only the end of a round shows: the simulator's journal, the remote scans that are left, the
/// records that refer to them, and the findings that are served.
#pragma once

#include "tests/faults/cluster.h"
#include "tests/faults/history.h"

namespace scanhost::faults {

void noteScans(const testing_support::NessusSimulator& scanner, History& history);
void noteRecords(const testing_support::RedisServer& redis, History& history);
/// How many tasks have not ended yet, by their records.
std::size_t openRecords(const testing_support::RedisServer& redis);
/// Of every completed task whose node is ready.
void noteFindings(const Cluster& cluster, History& history);

}  // namespace scanhost::faults
