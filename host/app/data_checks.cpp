// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "host/app/data_checks.h"

#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <optional>
#include <string>
#include <system_error>

#include "host/base/keyring.h"

namespace scanhost {
namespace {

namespace fs = std::filesystem;

/// The path, or what is there of those above it. A link that leads nowhere is there.
fs::path nearestOf(const fs::path& path) {
  std::error_code ignored;
  fs::path there = fs::absolute(path);
  while (!fs::exists(fs::symlink_status(there, ignored)) && there.has_relative_path())
    there = there.parent_path();
  return there;
}

/// Why this user can make nothing in that folder, which may have to be made itself; or nothing.
std::optional<std::string> troubleIn(const fs::path& folder) {
  std::error_code ignored;
  const fs::path there = nearestOf(folder);
  if (!fs::is_directory(there, ignored)) return there.string() + " is no folder";
  if (access(there.c_str(), W_OK | X_OK) != 0)
    return there.string() + " cannot be written (" + std::strerror(errno) + ")";
  return std::nullopt;
}

/// The start makes the data folder first, and no other.
void checkKeyFile(const fs::path& file, const fs::path& data_dir, StartProblems& problems) {
  std::error_code ignored;
  if (fs::exists(file, ignored)) {
    if (const auto keys = Keyring::load(file); !keys)
      problems.add("node.key_file", keys.error().message);
  } else if (!fs::is_directory(file.parent_path(), ignored) &&
             (file.parent_path() / "").lexically_normal() != (data_dir / "").lexically_normal()) {
    problems.add("node.key_file", file.parent_path().string() +
                                      " is no folder; make it, or name a file in another one");
  } else if (const auto trouble = troubleIn(file.parent_path())) {
    problems.add("node.key_file", "there is no " + file.string() + ", and " + *trouble +
                                      "; make it readable for this user, or let it be made");
  }
}

/// Its folder may be made with the service, as systemd does.
void checkSocket(const fs::path& socket, StartProblems& problems) {
  std::error_code ignored;
  if (fs::exists(socket, ignored) && !fs::is_socket(socket, ignored))
    problems.add("node.control_socket", socket.string() + " is there and no socket; remove it");
  else if (const auto trouble = troubleIn(socket.parent_path()))
    problems.add("node.control_socket", *trouble + "; name a path in a folder of this user");
}

}  // namespace

std::filesystem::path keyFilePath(const Config& config) {
  return config.node.key_file.empty() ? config.node.data_dir / "keys.json" : config.node.key_file;
}

void checkData(const Config& config, StartProblems& problems) {
  if (const auto trouble = troubleIn(config.node.data_dir))
    problems.add("node.data_dir", *trouble + "; name a folder that this user may make and write");
  std::error_code ignored;
  if (!config.node.key_file.empty() || fs::exists(keyFilePath(config), ignored))
    checkKeyFile(keyFilePath(config), config.node.data_dir, problems);
  if (!config.node.control_socket.empty()) checkSocket(config.node.control_socket, problems);
}

}  // namespace scanhost
