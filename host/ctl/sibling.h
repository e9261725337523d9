// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// Runs a program that lies beside this one, to look at this machine's own files.
#pragma once

#include <string>
#include <vector>

#include "host/ctl/child_program.h"

namespace scanhost::ctl {

/// Found in the folder of the running executable, never by PATH. As runChild(), with its limits.
ChildOutcome runSibling(const std::string& name, const std::vector<std::string>& arguments,
                        const ChildLimits& limits = {});

}  // namespace scanhost::ctl
