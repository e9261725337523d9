// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// How a finding lies in its rows.
#pragma once

#include <scanhost/finding.h>

#include <cstdint>
#include <string>

#include "plugins/results/sqlite/field_sql.h"
#include "plugins/shared/sqlite/database.h"

namespace scanhost::results_sqlite {

void insertFinding(sqlite::Database& database, std::int64_t generation,
                   const FindingRecord& finding);

/// A SELECT's columns and tables for reading findings of the needed tables, without its WHERE.
/// `hint`: what follows the table's name, such as " INDEXED BY findings_of".
std::string findingSelect(const Needs& needs, std::string_view hint = {});
/// Reads what findingSelect(needs) asked for; fields of other tables stay empty.
FindingRecord readFinding(const sqlite::Database& database, const sqlite::Statement& row,
                          const Needs& needs);

/// " FROM findings f ..." with the joins that expressions of these tables need.
std::string findingTables(const Needs& needs, std::string_view hint = {});

}  // namespace scanhost::results_sqlite
