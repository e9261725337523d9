// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// Files of findings to be downloaded: made by export_results, kept for an hour, given to the
/// caller who asked and to nobody else.
///
/// A link is sealed and bound to its caller; it names the file, and nothing of a request ever
/// becomes a path. Files are this node's: a link serves on the node that made it. Their number and
/// size are bounded.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "host/base/digest.h"
#include "host/base/keyring.h"
#include "host/base/result.h"
#include "host/base/time.h"
#include "host/base/unique_fd.h"

namespace scanhost {

/// One being written. Removes the file when destroyed unless it was kept.
class ExportFile {
 public:
  ~ExportFile();
  ExportFile(const ExportFile&) = delete;
  ExportFile& operator=(const ExportFile&) = delete;

  /// An error of class unsupported when it grows past its bound, transient when the disk is at
  /// fault.
  Status write(std::string_view bytes);
  std::uint64_t bytes() const { return bytes_; }

 private:
  friend class Exports;
  ExportFile(std::filesystem::path path, std::string name, UniqueFd file, std::uint64_t most)
      : path_(std::move(path)), name_(std::move(name)), file_(std::move(file)), most_(most) {}

  const std::filesystem::path path_;
  const std::string name_;
  UniqueFd file_;
  const std::uint64_t most_;
  std::uint64_t bytes_ = 0;
  Sha256 digest_;
  bool is_kept_ = false;
};

/// Any thread.
class Exports {
 public:
  struct Options {
    std::chrono::seconds lifetime = std::chrono::hours(1);
    std::uint64_t most_bytes = 4ull << 30;  ///< of all files together
    std::uint64_t most_file_bytes = 1ull << 30;
    std::size_t most_files = 200;
  };

  /// What a link leads to.
  struct Download {
    UniqueFd file;
    std::uint64_t bytes = 0;
    std::string media_type;
    std::string file_name;  ///< for the client to save it under
  };
  struct Kept {
    std::string link;  ///< the last part of the path below /exports/
    std::uint64_t bytes;
    std::string sha256;
    Timestamp expires;
  };

  /// The folder is made with the first export. `keys` are borrowed.
  Exports(std::filesystem::path folder, const Keyring& keys, const TimeSource& time)
      : Exports(std::move(folder), keys, time, Options{}) {}
  Exports(std::filesystem::path folder, const Keyring& keys, const TimeSource& time,
          Options options);

  /// An error of class busy while there are too many.
  Result<std::unique_ptr<ExportFile>> begin();
  Result<Kept> keep(ExportFile& file, std::string_view media_type, std::string_view file_name,
                    std::string_view subject);
  /// Removes the files whose time is over.
  void tidy();
  /// Nothing for a link that is no link of this caller's, has expired, or whose file is elsewhere.
  std::optional<Download> open(std::string_view link, std::string_view subject) const;

 private:
  std::uint64_t removeOld(std::size_t& files) const;

  const std::filesystem::path folder_;
  const Keyring& keys_;
  const TimeSource& time_;
  const Options options_;
  std::mutex mutex_;  ///< one look at the folder at a time
};

}  // namespace scanhost
