// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "host/http/challenge.h"

#include <gtest/gtest.h>

namespace scanhost::http {
namespace {

Route routeAt(const std::string& path, bool resource) {
  Route route{{"POST"}, path, "", {}};
  route.resource = resource;
  return route;
}

TEST(Challenge, SaysWithoutAnIssuerThatATokenIsWanted) {
  EXPECT_EQ(challengeOf({}, routeAt("/mcp", true), "", {}), "Bearer realm=\"scanhost\"");
  EXPECT_EQ(challengeOf({}, routeAt("/mcp", true), "invalid_token", {}),
            "Bearer realm=\"scanhost\", error=\"invalid_token\"");
}

TEST(Challenge, TellsWhereAResourceIsDescribedAndWhatItsScopesAreCalledThere) {
  ChallengeOptions options;
  options.metadata_url = "https://scan.example.org/.well-known/oauth-protected-resource";
  options.scope_names = {{"scanhost:scan", "api://scan/start"}};
  EXPECT_EQ(challengeOf(options, routeAt("/mcp", true), "insufficient_scope",
                        {"scanhost:read", "scanhost:scan"}),
            "Bearer realm=\"scanhost\", error=\"insufficient_scope\", "
            "scope=\"scanhost:read api://scan/start\", resource_metadata="
            "\"https://scan.example.org/.well-known/oauth-protected-resource/mcp\"");
}

TEST(Challenge, NamesTheRootDescriptionForARouteThatIsNoResource) {
  ChallengeOptions options;
  options.metadata_url = "https://scan.example.org/.well-known/oauth-protected-resource";
  EXPECT_EQ(challengeOf(options, routeAt("/metrics", false), "", {}),
            "Bearer realm=\"scanhost\", resource_metadata="
            "\"https://scan.example.org/.well-known/oauth-protected-resource\"");
}

}  // namespace
}  // namespace scanhost::http
