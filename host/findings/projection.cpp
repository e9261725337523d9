// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "host/findings/projection.h"

#include <algorithm>
#include <array>

#include "host/base/nearest.h"

namespace scanhost {
namespace {

constexpr std::array<std::string_view, 4> profile_names{"minimal", "summary", "brief", "full"};

}  // namespace

std::vector<std::string> Projection::untrustedFields() const {
  std::vector<std::string> names;
  for (const Column& column : columns)
    if (column.field->untrusted) names.emplace_back(column.name);
  return names;
}

std::optional<Profile> parseProfile(std::string_view name) {
  const auto found = std::find(profile_names.begin(), profile_names.end(), name);
  if (found == profile_names.end()) return std::nullopt;
  return static_cast<Profile>(found - profile_names.begin());
}

Projection projectionOf(Profile profile) {
  Projection projection{profile_names[static_cast<std::size_t>(profile)], {}};
  for (const Field& field : findingFields())
    if (field.profile <= profile) projection.columns.push_back({&field, field.name});
  return projection;
}

Result<Projection> makeProjection(std::string_view profile,
                                  const std::vector<std::string>& custom_fields) {
  const auto known = parseProfile(profile);
  if (!known)
    return fail(ErrorClass::config,
                "Invalid schema profile '" + std::string(profile.substr(0, 64)) +
                    "'; known: " + joinNames({profile_names.begin(), profile_names.end()}));
  if (custom_fields.empty()) return projectionOf(*known);
  if (*known != Profile::brief)
    return fail(ErrorClass::config,
                "Cannot specify both schema_profile and custom_fields; leave one of them out");

  Projection projection{"custom", {}};
  for (const std::string& name : custom_fields) {
    const Field* field = findField(name);
    if (!field) return tl::unexpected(unknownField(name));
    const bool repeated =
        std::any_of(projection.columns.begin(), projection.columns.end(),
                    [&](const Projection::Column& column) { return column.name == name; });
    if (!repeated)
      projection.columns.push_back({field, name == field->alias ? field->alias : field->name});
  }
  return projection;
}

}  // namespace scanhost
