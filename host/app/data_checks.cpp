// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "host/app/data_checks.h"

#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "host/base/keyring.h"

namespace scanhost {
namespace {

void checkFolder(const std::filesystem::path& folder, StartProblems& problems) {
  std::error_code ignored;
  auto there = std::filesystem::absolute(folder);
  while (!std::filesystem::exists(there, ignored) && there.has_relative_path())
    there = there.parent_path();
  const bool is_made = there == std::filesystem::absolute(folder);
  const char* const remedy = "; name a folder that this user may make and write";
  if (!std::filesystem::is_directory(there, ignored))
    problems.add("node.data_dir", there.string() + " is no folder" + remedy);
  else if (access(there.c_str(), W_OK | X_OK) != 0 && (is_made || errno == EROFS))
    problems.add("node.data_dir",
                 there.string() + " cannot be written (" + std::strerror(errno) + ")" + remedy);
}

}  // namespace

std::filesystem::path keyFilePath(const Config& config) {
  return config.node.key_file.empty() ? config.node.data_dir / "keys.json" : config.node.key_file;
}

void checkData(const Config& config, StartProblems& problems) {
  checkFolder(config.node.data_dir, problems);
  const auto key_file = keyFilePath(config);
  std::error_code ignored;
  if (!std::filesystem::exists(key_file, ignored)) return;
  if (const auto keys = Keyring::load(key_file); !keys)
    problems.add("node.key_file", keys.error().message);
}

}  // namespace scanhost
