// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// A folder that is gone afterwards, owned by this user and writable by nobody else.
#pragma once

#include <filesystem>
#include <string>

namespace scanhost::testing_support {

class Folder {
 public:
  /// Throws std::runtime_error when it cannot be made.
  Folder();
  ~Folder();
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;

  std::filesystem::path path() const { return path_; }
  /// Writes a file in it; its path.
  std::filesystem::path write(const std::string& name, const std::string& text) const;

 private:
  std::filesystem::path path_;
};

}  // namespace scanhost::testing_support
