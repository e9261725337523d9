// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "host/http/challenge.h"

namespace scanhost::http {
namespace {

void add(std::string& parameters, std::string_view name, std::string_view value) {
  parameters.append(parameters.empty() ? "" : ", ").append(name).append("=\"");
  parameters.append(value).append("\"");
}

}  // namespace

std::string challengeOf(const ChallengeOptions& options, const Route& route, std::string_view error,
                        const std::vector<std::string>& scopes) {
  std::string parameters;
  add(parameters, "realm", options.realm);
  if (!error.empty()) add(parameters, "error", error);
  std::string names;
  for (const std::string& scope : scopes) {
    const auto named = options.scope_names.find(scope);
    names +=
        (names.empty() ? "" : " ") + (named == options.scope_names.end() ? scope : named->second);
  }
  if (!names.empty()) add(parameters, "scope", names);
  if (!options.metadata_url.empty())
    add(parameters, "resource_metadata", options.metadata_url + (route.resource ? route.path : ""));
  return "Bearer " + parameters;
}

}  // namespace scanhost::http
