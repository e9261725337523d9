// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// A small disk for one node's data, which can be filled and emptied.
///
/// As root it is a tmpfs of its own, full when a file has taken the rest. Elsewhere the node's
/// limit on the size of files stands in for it: writes fail likewise, with another errno.
#pragma once

#include <sys/types.h>

#include <filesystem>

namespace scanhost::faults {

class Disk {
 public:
  explicit Disk(const std::filesystem::path& folder);
  ~Disk();
  Disk(const Disk&) = delete;
  Disk& operator=(const Disk&) = delete;

  bool isMounted() const { return mounted_; }
  /// `pid` is the process that uses it.
  void fill(pid_t pid) const;
  void empty(pid_t pid) const;

 private:
  std::filesystem::path filling() const { return folder_ / "filling"; }

  const std::filesystem::path folder_;
  bool mounted_ = false;
};

}  // namespace scanhost::faults
