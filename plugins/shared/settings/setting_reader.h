// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// Reads settings into plain values, refusing what is out of bounds with PluginError (config) that
/// names the plugin, the key, the value found and what would be right.
#pragma once

#include <scanhost/json.h>

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace scanhost {

class SettingReader {
 public:
  explicit SettingReader(std::string plugin) : plugin_(std::move(plugin)) {}

  [[noreturn]] void refuse(std::string_view key, std::string_view found,
                           std::string_view right) const;
  int number(const Json& value, std::string_view key, int least, int most) const;
  /// Each of 1 to 65535, without repetitions.
  std::vector<std::uint16_t> ports(const Json& values, std::string_view key) const;
  /// Each is one of `known`; without repetitions.
  std::vector<std::string> words(const Json& values, std::string_view key,
                                 const std::vector<std::string_view>& known) const;
  /// "30s", of at least a second.
  std::chrono::seconds time(const Json& value, std::string_view key,
                            std::chrono::seconds most) const;
  /// Absent: `fallback`.
  std::string absolutePath(const Json& value, std::string_view key,
                           const std::string& fallback = {}) const;

 private:
  std::string plugin_;
};

/// "a,b"
std::string joined(const std::vector<std::string>& words, std::string_view between = ",");

}  // namespace scanhost
