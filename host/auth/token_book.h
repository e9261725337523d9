// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// The tokens of a running node: the file's, as it is now.
///
/// The file is looked at again when a request comes and the last look is a second old, so a revoked
/// token ends within that second and no reload is needed. While the file cannot be read, or is open
/// to others, no token is good: to keep the old list would let a revoked one live on.
/// Any thread.
#pragma once

#include <atomic>
#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "host/auth/token_file.h"
#include "host/base/live.h"

namespace scanhost {

class TokenBook {
 public:
  /// `on_trouble` hears once of each state of the file that cannot be used.
  TokenBook(std::filesystem::path file, std::function<void(const std::string&)> on_trouble,
            const TimeSource& time = TimeSource::system());

  /// How it went when the file was read last.
  Status state() const;
  /// The record of a token. Auth when there is none or it has expired, transient while the file is
  /// unusable. Takes as long for any wrong token, however much of it is right.
  Result<TokenRecord> find(std::string_view token) const;

 private:
  using Read = Result<std::vector<TokenRecord>>;
  /// What changes when the file is replaced, edited, or given to others.
  struct Identity {
    std::uint64_t device = 0, inode = 0, size = 0;
    std::int64_t modified = 0, changed = 0;
    std::uint32_t mode = 0, owner = 0;
    friend bool operator==(const Identity&, const Identity&) = default;
  };

  Identity identify() const;
  void lookAgain() const;

  const std::filesystem::path file_;
  const std::function<void(const std::string&)> on_trouble_;
  const TimeSource& time_;
  mutable std::mutex look_mutex_;  // of one look at a time, and of identity_
  mutable Identity identity_;
  mutable std::atomic<std::int64_t> looked_ns_;
  mutable Live<Read> read_;
};

}  // namespace scanhost
