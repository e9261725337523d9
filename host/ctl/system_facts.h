// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <scanhost/json.h>

#include <filesystem>

namespace scanhost::ctl {

/// This machine as far as it bears on the service: distribution, kernel, processors, memory, room
/// on the disk of `data_dir`, limits of this program. Bytes. No name of the machine. What cannot be
/// told is null.
Json systemFacts(const std::filesystem::path& data_dir);

}  // namespace scanhost::ctl
