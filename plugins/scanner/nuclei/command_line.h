// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// What Nuclei is started with: a fixed template; targets go to its standard input as ADDRESS:PORT,
/// so that none can be taken for an option and no name is resolved.
#pragma once

#include <scanhost/text.h>

#include <filesystem>
#include <string>
#include <vector>

#include "plugins/scanner/nuclei/config.h"

namespace scanhost::nuclei {

std::vector<std::string> arguments(const Config& config, const ScanOptions& options);

/// The whole of its environment; what it writes goes to `folder`.
Pairs environment(const Config& config, const std::filesystem::path& folder);

}  // namespace scanhost::nuclei
