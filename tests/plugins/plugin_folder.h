// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// A plugin folder of a test's own, gone afterwards, into which it copies what it needs.
#pragma once

#include <stdlib.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <string>

namespace scanhost {

class PluginFolder {
 public:
  PluginFolder() {
    std::string name = (std::filesystem::temp_directory_path() / "plugins-XXXXXX").string();
    if (!mkdtemp(name.data())) throw std::runtime_error("mkdtemp failed");
    base_ = name;
    std::filesystem::create_directory(path());
    setMode(path(), 0755);
  }
  ~PluginFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(base_, ignored);
  }
  PluginFolder(const PluginFolder&) = delete;
  PluginFolder& operator=(const PluginFolder&) = delete;

  /// Owned by this user and writable by nobody else.
  std::filesystem::path base() const { return base_; }
  std::filesystem::path path() const { return base_ / "plugins"; }

  /// Copies a built plugin in, under its own name or another, with mode 0644.
  std::filesystem::path add(const std::string& plugin, const std::string& as = {}) {
    return addFile(std::filesystem::path(SCANHOST_FIXTURE_DIR) / (plugin + ".so"),
                   as.empty() ? plugin : as);
  }
  std::filesystem::path addFile(const std::filesystem::path& from, const std::string& as) {
    const std::filesystem::path to = path() / (as + ".so");
    std::filesystem::copy_file(from, to, std::filesystem::copy_options::overwrite_existing);
    setMode(to, 0644);
    return to;
  }

  static void setMode(const std::filesystem::path& path, mode_t mode) {
    if (chmod(path.c_str(), mode) != 0) throw std::runtime_error("chmod failed");
  }
  static std::string contents(const std::filesystem::path& path) {
    std::ifstream in(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
  }

 private:
  std::filesystem::path base_;
};

}  // namespace scanhost
