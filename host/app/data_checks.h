// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// What a start would refuse of the data folder and the key file, found without writing: for
/// `scanhost check`, beside which the service may run on them.
#pragma once

#include <filesystem>

#include "host/app/start_problems.h"
#include "host/config/config.h"

namespace scanhost {

std::filesystem::path keyFilePath(const Config& config);

/// A folder or file that is not there yet is no problem: the start makes it, or it is that of
/// another machine.
void checkData(const Config& config, StartProblems& problems);

}  // namespace scanhost
