// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// What plugins say of their settings, read from their files without running a line of them.
#pragma once

#include <scanhost/json.h>

#include <filesystem>
#include <map>
#include <optional>
#include <string>

namespace scanhost::ctl {

/// One thread at a time.
class PluginSchemas {
 public:
  explicit PluginSchemas(std::filesystem::path folder) : folder_(std::move(folder)) {}

  /// The schema of a plugin's settings; null when its file or manifest cannot be read. Valid as
  /// long as this object.
  const Json* of(const std::string& plugin);

 private:
  const std::filesystem::path folder_;
  std::map<std::string, std::optional<Json>> read_;
};

}  // namespace scanhost::ctl
