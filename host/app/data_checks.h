// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// What a start by this user would refuse of the data folder, the key file and the place of the
/// control socket, found without writing: for `scanhost check`, beside which the service may run.
#pragma once

#include <filesystem>

#include "host/app/start_problems.h"
#include "host/config/config.h"

namespace scanhost {

std::filesystem::path keyFilePath(const Config& config);

/// What is not there yet is no problem where the start can make it.
void checkData(const Config& config, StartProblems& problems);

}  // namespace scanhost
