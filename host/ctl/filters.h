// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// `--filter key=value`, as the tools take filters.
#pragma once

#include <scanhost/json.h>

#include <string>
#include <vector>

namespace scanhost::ctl {

/// "key=value" -> {"key": "value"}; a repeated key means any of its values. Throws UsageError.
Json readFilters(const std::vector<std::string>& texts);

}  // namespace scanhost::ctl
