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

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "host/base/result.h"
#include "host/base/unique_fd.h"

namespace scanhost {

struct TrustOptions {
  uid_t service_uid = currentUser();
  /// SHA-256 in hexadecimal by plugin name; a plugin without one is not pinned.
  std::map<std::string, std::string> pins = {};

  static uid_t currentUser();
};

/// What was read of a file. Its memory is not cleared first, which for the megabytes of a plugin
/// took longer than to read them.
class FileBytes {
 public:
  FileBytes() = default;
  explicit FileBytes(std::size_t size)
      : data_(std::make_unique_for_overwrite<char[]>(size)), size_(size) {}

  char* data() { return data_.get(); }
  std::size_t size() const { return size_; }
  std::string_view view() const { return {data_.get(), size_}; }

 private:
  std::unique_ptr<char[]> data_;
  std::size_t size_ = 0;
};

/// Which file it is and when it last changed, in contents, owner or mode.
struct FileState {
  dev_t device = 0;
  ino_t inode = 0;
  off_t size = 0;
  std::int64_t modified_ns = 0, changed_ns = 0;
  friend bool operator==(const FileState&, const FileState&) = default;
};

/// What an earlier reading found, so that a file that is still the same need not be read again.
struct KnownContents {
  FileState state;
  std::string sha256;
};

/// A plugin's file that passed every check, opened for reading.
struct TrustedFile {
  UniqueFd fd;
  std::string path;        ///< where it was found, for messages
  FileBytes bytes;         ///< all of it, read through `fd`; none when its contents were known
  KnownContents contents;  ///< the state from before it was read; SHA-256 in hexadecimal
};

inline constexpr std::size_t max_plugin_bytes = 512u << 20;

/// Opens `<folder>/<plugin>.so`. Every refusal is a config error that names the file or folder,
/// what was found, and the command that mends it. With `known` contents all is checked but read
/// only when the file has changed since.
Result<TrustedFile> openTrusted(const std::filesystem::path& folder, const std::string& plugin,
                                const TrustOptions& options = {},
                                const KnownContents* known = nullptr);

}  // namespace scanhost
