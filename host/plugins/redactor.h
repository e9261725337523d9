// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// Takes known secrets out of text that a plugin wrote. Any thread; fixed once made.
#pragma once

#include <scanhost/json.h>

#include <string>
#include <vector>

namespace scanhost {

class Redactor {
 public:
  Redactor() = default;
  /// The secrets are what `settings` has where `config_schema` says x-secret.
  static Redactor of(const Json& config_schema, const Json& settings);

  /// As well as those of the settings; short ones are left alone, for they are in any text.
  void add(std::string secret);
  std::string redact(std::string text) const;

 private:
  std::vector<std::string> secrets_;
};

}  // namespace scanhost
