// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// Generations: opened, filled, sealed, removed. Each function is one step of a transaction, or
/// several short ones where a generation is large, so that nobody waits long for the writer.
#pragma once

#include <scanhost/results_records.h>

#include <optional>
#include <string>
#include <vector>

#include "plugins/shared/sqlite/store.h"

namespace scanhost::results_sqlite {

struct GenerationRow {
  std::int64_t gen;
  std::string task_id;
  std::int64_t created_us;
  bool sealed;
  std::int64_t sighted;
};

/// Throws PluginError (lost) when there is no such generation.
GenerationRow findGeneration(sqlite::Database& database, const std::string& name);

std::string openGeneration(sqlite::Database& database, const Generation& generation);
void appendFindings(sqlite::Database& database, const std::string& name,
                    const std::vector<FindingRecord>& findings);
void sealGeneration(sqlite::Store& store, const std::string& name, const std::string& summary,
                    const Call& call);
std::optional<std::string> currentGeneration(sqlite::Database& database, const std::string& task_id,
                                             std::uint64_t epoch);
std::optional<std::string> generationSummary(sqlite::Database& database, const std::string& name);

/// Both hide what goes at once and answer how many findings went.
std::uint64_t removeTask(sqlite::Store& store, const std::string& task_id, const Call& call);
std::uint64_t removeGeneration(sqlite::Store& store, std::int64_t gen, const Call& call);
/// Generations whose removal was interrupted.
std::vector<std::int64_t> goneGenerations(sqlite::Database& database);

/// A generation that a sweep may ask about.
struct SweepCandidate {
  std::int64_t gen;
  std::int64_t created_us;
  std::string task_id, name;
};
/// The next ones opened before the time, after the given one.
std::vector<SweepCandidate> sweepCandidates(sqlite::Database& database, std::int64_t before_us,
                                            std::int64_t after_us, std::int64_t after_gen);

}  // namespace scanhost::results_sqlite
