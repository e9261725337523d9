// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/stat.h>

#include <filesystem>

#include "tests/integration/service.h"

namespace scanhost::integration {

/// All plugins of the build, and some that another vendor could have made.
class VendorsFolder : public Folder {
 public:
  VendorsFolder() {
    chmod(path().c_str(), 0755);
    for (const auto& entry : std::filesystem::directory_iterator(built("plugins")))
      if (entry.path().extension() == ".so") add(entry);
  }
  void add(const std::filesystem::path& plugin) {
    const auto to = path() / plugin.filename();
    std::filesystem::copy_file(plugin, to);
    chmod(to.c_str(), 0644);
  }
  std::string setting() const { return "plugins: {dir: " + path().string() + "}\n"; }
};

}  // namespace scanhost::integration
