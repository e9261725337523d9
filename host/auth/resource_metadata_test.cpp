// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "host/auth/resource_metadata.h"

#include <gmock/gmock.h>
#include <scanhost/json.h>

namespace scanhost {
namespace {

using testing::ElementsAre;

Config configured() {
  Config config;
  config.http.public_url = "https://scan.example.org/";
  config.auth.oauth.issuer = "https://login.example.org/realm";
  config.auth.oauth.viewer_scope = "scanhost:read";
  config.auth.oauth.client_scope = "api://scan/start";
  return config;
}

std::vector<std::string> pathsOf(const std::vector<http::Route>& routes) {
  std::vector<std::string> paths;
  for (const http::Route& route : routes) {
    EXPECT_TRUE(route.open) << route.path;
    paths.push_back(route.path);
  }
  return paths;
}

TEST(ResourceMetadata, TheFirstResourceStandsAlsoWhereNoPathIsKnown) {
  const Config config = configured();
  ResourceMetadata resources(config);
  EXPECT_THAT(pathsOf(resources.describe("/mcp")),
              ElementsAre("/.well-known/oauth-protected-resource/mcp",
                          "/.well-known/oauth-protected-resource",
                          "/.well-known/oauth-authorization-server"));
  EXPECT_THAT(pathsOf(resources.describe("/other")),
              ElementsAre("/.well-known/oauth-protected-resource/other"));
}

TEST(ResourceMetadata, WithoutAnIssuerThereIsNothingToDescribe) {
  const Config config;
  EXPECT_TRUE(ResourceMetadata(config).describe("/mcp").empty());
  EXPECT_EQ(ResourceMetadata(config).challenge().metadata_url, "");
}

TEST(ResourceMetadata, ChallengesPointToIt) {
  const Config config = configured();
  const http::ChallengeOptions challenge = ResourceMetadata(config).challenge();
  EXPECT_EQ(challenge.metadata_url,
            "https://scan.example.org/.well-known/oauth-protected-resource");
  EXPECT_EQ(challenge.scope_names.at("scanhost:scan"), "api://scan/start");
  EXPECT_THAT(challenge.first_scopes, ElementsAre("scanhost:read", "scanhost:scan"));
}

}  // namespace
}  // namespace scanhost
