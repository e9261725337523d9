// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// The behaviour suites of queues and result stores (tests/suites) as cases of the checker.
#pragma once

#include <scanhost/json.h>

#include <string>
#include <vector>

#include "sdk/manifest/manifest.h"
#include "tests/conformance/check_case.h"

namespace scanhost::conformance {

/// The suites of what the plugin provides. Once in a process, for GoogleTest makes its tests once.
std::vector<Case> suiteCases(const std::string& file, const Manifest& manifest,
                             const Json& settings);

}  // namespace scanhost::conformance
