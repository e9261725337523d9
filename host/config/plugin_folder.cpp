// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "host/config/plugin_folder.h"

namespace scanhost {

std::filesystem::path defaultPluginFolder() {
  std::error_code ignored;
  const auto program = std::filesystem::read_symlink("/proc/self/exe", ignored);
  const auto beside = program.parent_path().parent_path() / "plugins";
  if (std::filesystem::is_directory(beside, ignored)) return beside;
  return program.parent_path().parent_path() / "lib/scanhost/plugins";
}

}  // namespace scanhost
