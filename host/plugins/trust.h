// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// Which plugin files may be loaded: those that nobody but root and the service could have written.
///
/// A plugin in the host's process has the host's authority, so the file, and every folder above it
/// through which it could be swapped, must belong to root or the service's user and be writable by
/// nobody else. The path is walked folder by folder without following links, and the descriptor
/// that was checked is the one that is read, hashed and loaded: nothing is looked up twice.
/// Says where a file comes from, not that it is harmless. Any thread.
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <map>
#include <string>

#include "host/base/result.h"
#include "host/base/unique_fd.h"

namespace scanhost {

struct TrustOptions {
  uid_t service_uid = currentUser();
  /// SHA-256 in hexadecimal by plugin name; a plugin without one is not pinned.
  std::map<std::string, std::string> pins = {};

  static uid_t currentUser();
};

/// A plugin's file that passed every check, opened for reading.
struct TrustedFile {
  UniqueFd fd;
  std::string path;    ///< where it was found, for messages
  std::string bytes;   ///< all of it, read through `fd`
  std::string sha256;  ///< of the bytes, hexadecimal
};

inline constexpr std::size_t max_plugin_bytes = 512u << 20;

/// Opens `<folder>/<plugin>.so`. Every refusal is a config error that names the file or folder,
/// what was found, and the command that mends it.
Result<TrustedFile> openTrusted(const std::filesystem::path& folder, const std::string& plugin,
                                const TrustOptions& options = {});

}  // namespace scanhost
