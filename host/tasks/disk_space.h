// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// Whether there is room for more work: below limits.disk_free nothing is accepted and nothing is
/// launched, while what runs may finish. Any thread; a look costs microseconds.
#pragma once

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>

#include "host/base/result.h"

namespace scanhost {

class DiskSpace {
 public:
  /// Free bytes, or nothing when they cannot be told.
  using Look = std::function<std::optional<std::uint64_t>()>;

  /// `floor` in bytes; 0: any space will do.
  DiskSpace(Look look, std::uint64_t floor) : look_(std::move(look)), floor_(floor) {}
  DiskSpace(const std::filesystem::path& folder, std::uint64_t floor);

  void setFloor(std::uint64_t floor) { floor_ = floor; }

  std::optional<std::uint64_t> free() const { return look_(); }
  /// An error of class busy, of the backend, when there is too little. Space that cannot be told
  /// is no reason to refuse.
  Status check() const;
  /// An error when a start would not get through: what stores, ledger and keys write at it takes up
  /// to half a mebibyte.
  Status checkStart() const;

 private:
  const Look look_;
  std::atomic<std::uint64_t> floor_;
};

}  // namespace scanhost
