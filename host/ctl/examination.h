// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// Examines a service step by step, and says of each step what is wrong and what to do.
#pragma once

#include <scanhost/json.h>

#include <string>
#include <vector>

#include "host/ctl/options.h"

namespace scanhost::ctl {

struct Examination {
  std::vector<Json> checks;  ///< each with check, result (ok, warning, FAILED) and detail
  int exit_code = 0;         ///< of the worst of them
};

/// `config` is a file of this machine; empty: only the service is examined. What goes wrong is a
/// finding and no exception. Blocks for each call at most as long as `common.timeout`.
Examination examine(const std::string& config, const CommonOptions& common);

}  // namespace scanhost::ctl
