// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// `sort` of get_scan_results: "-severity,host".
#pragma once

#include <string_view>
#include <vector>

#include "host/base/result.h"
#include "host/findings/fields.h"

namespace scanhost {

struct SortKey {
  const Field* field = nullptr;  ///< of the table, never null
  bool descending = false;
};

/// Empty text means order of arrival. `severity_name` sorts as `severity`.
Result<std::vector<SortKey>> parseSort(std::string_view text);

/// Whether `a` comes before `b`: numbers by value, text by its bytes in ASCII lowercase; a finding
/// that lacks the field comes last, in either direction. Ties are left to a stable sort.
bool comesBefore(const Finding& a, const Finding& b, const std::vector<SortKey>& keys);

}  // namespace scanhost
