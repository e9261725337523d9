// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// A folder for one run of a program, which only the service reads and which is gone afterwards.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

namespace scanhost::local_scan {

class RunFolder {
 public:
  /// Makes one in the instance's `data_dir`. Throws PluginError (config) naming the folder when it
  /// cannot.
  explicit RunFolder(const std::filesystem::path& data_dir);
  ~RunFolder();
  RunFolder(const RunFolder&) = delete;
  RunFolder& operator=(const RunFolder&) = delete;

  const std::filesystem::path& path() const { return path_; }

  /// The whole of a file in it; empty when there is none. Throws PluginError (unsupported) for one
  /// of more than `most` bytes, and for anything but a regular file.
  std::string read(const std::string& name, std::uint64_t most) const;

  /// Removes what runs left behind that died with their process; runs under way are left alone.
  static void removeAbandoned(const std::filesystem::path& data_dir);

 private:
  std::filesystem::path path_;
  int lock_ = -1;  ///< held while the run lasts
};

}  // namespace scanhost::local_scan
