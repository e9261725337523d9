// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// What the manager says about a task, as the state of a remote scan.
#pragma once

#include <scanhost/scanner.h>

#include <string>
#include <string_view>
#include <vector>

#include "plugins/scanner/greenbone/response.h"

namespace scanhost::greenbone {

/// The paths below a task that taskState() looks at.
const std::vector<std::string>& taskFields();

/// A status that is not known counts as running.
RemoteStatus statusOf(std::string_view status);

/// The reference is the task's id, the run its newest report.
RemoteState taskState(const Fields& task);

/// Whether nothing has run yet.
bool isFresh(const RemoteState& state);

}  // namespace scanhost::greenbone
