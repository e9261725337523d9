// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "host/config/migration_draft.h"

#include <string_view>

namespace scanhost {

std::string SecretFiles::next(const std::string& owner, const std::string& key) {
  constexpr std::string_view folder = "/etc/scanhost/secrets/";
  constexpr std::string_view allowed =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-";
  std::string name = owner + "-" + key;
  for (char& c : name)
    if (allowed.find(c) == allowed.npos) c = '-';
  std::string unique = name;
  for (int i = 2; !taken_.insert(unique).second; ++i) unique = name + "-" + std::to_string(i);
  return std::string(folder) + unique;
}

}  // namespace scanhost
