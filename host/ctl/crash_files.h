// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <scanhost/json.h>

#include <filesystem>
#include <string>
#include <vector>

namespace scanhost::ctl {

struct CrashFile {
  std::string name;
  Json report;
};

/// The newest crash reports of plugins in a folder, at most so many, the newest first. The folder
/// belongs to the service and its plugins' names stand in it, so nothing in it is trusted: links
/// and what is no report are passed over. Throws std::runtime_error when the folder cannot be read;
/// one that is not there holds none.
std::vector<CrashFile> readCrashFiles(const std::filesystem::path& folder, std::size_t most);

}  // namespace scanhost::ctl
