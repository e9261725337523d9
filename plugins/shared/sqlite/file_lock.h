// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// Keeps a second process away from a store. The kernel drops the lock with its holder, however
/// that ends; the file stays, and holds the last holder's process id for messages.
#pragma once

#include <string>

namespace scanhost::sqlite {

class FileLock {
 public:
  /// Takes `<path>.lock`, or throws PluginError (config) naming the file and who has it. `remedy`
  /// ends the message.
  FileLock(const std::string& path, const std::string& remedy);
  FileLock(const FileLock&) = delete;
  FileLock& operator=(const FileLock&) = delete;
  ~FileLock();

 private:
  int fd_;
};

}  // namespace scanhost::sqlite
