// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// Which fields of a finding are served: a profile or a list of the client's own.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "host/base/result.h"
#include "host/findings/fields.h"

namespace scanhost {

struct Projection {
  struct Column {
    const Field* field = nullptr;  ///< of the table, never null
    std::string_view name;         ///< as the client called it: the field's name or its alias
  };
  std::string_view profile;  ///< "minimal", "summary", "brief", "full" or "custom"
  std::vector<Column> columns;

  bool isFull() const { return profile == "full"; }
  /// Names of the served fields that hold free text from scanner or target.
  std::vector<std::string> untrustedFields() const;
};

/// "minimal", "summary", "brief" or "full".
std::optional<Profile> parseProfile(std::string_view name);
Projection projectionOf(Profile profile);

/// From the arguments schema_profile and custom_fields; an empty list counts as absent, and a name
/// given twice is served once.
Result<Projection> makeProjection(std::string_view profile,
                                  const std::vector<std::string>& custom_fields);

}  // namespace scanhost
