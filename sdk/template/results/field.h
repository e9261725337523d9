// SPDX-FileCopyrightText: @VENDOR@
// SPDX-License-Identifier: @SPDX@

/// The fields of a finding that a query may name, by their names in the reference of findings.
#pragma once

#include <scanhost/finding.h>
#include <scanhost/results_records.h>

/// Throws PluginError (config) when no finding has a field of that name.
void checkField(const std::string& name);

/// A field that the finding lacks never matches.
bool matches(const scanhost::FindingRecord& finding, const scanhost::ResultsCondition& condition);

/// Whether `a` comes before `b`: by the keys in their order; what lacks one comes last.
bool comesBefore(const scanhost::FindingRecord& a, const scanhost::FindingRecord& b,
                 const std::vector<scanhost::ResultsSortKey>& keys);
