// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// What a scan said of its progress, into its run.
#pragma once

#include <string>

#include "host/tasks/run.h"
#include "host/tasks/work.h"

namespace scanhost {

/// `percent` -1: not said. Reaching 25, 50, 75 and 100 is announced, once each.
void noteProgress(const Work& work, Run& run, int percent, const std::string& status);

}  // namespace scanhost
