// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "host/auth/resource_metadata.h"

#include <scanhost/json.h>

#include <array>

namespace scanhost {
namespace {

constexpr std::string_view well_known = "/.well-known/oauth-protected-resource";
constexpr std::string_view server_well_known = "/.well-known/oauth-authorization-server";

/// What most clients need; more are asked for when a caller lacks them.
constexpr std::array first_roles = {Role::viewer, Role::client};

std::string withoutSlash(std::string url) {
  while (!url.empty() && url.back() == '/') url.pop_back();
  return url;
}

http::Route openRoute(std::string path, http::Handler handler) {
  http::Route route;
  route.methods = {"GET"};
  route.path = std::move(path);
  route.name = "well-known";
  route.handler = std::move(handler);
  route.open = true;
  route.check_origin = false;  // open to all, and a page of another origin may read it no more
  return route;
}

http::Handler sendDocument(std::string document) {
  return [document = std::move(document)](http::Request&, http::Response& response) {
    response.send(200,
                  {{"Content-Type", "application/json"}, {"Cache-Control", "public, max-age=300"}},
                  document);
  };
}

http::Handler redirectTo(std::string url) {
  return [url = std::move(url)](http::Request&, http::Response& response) {
    response.send(307, {{"Location", url}, {"Cache-Control", "no-store"}}, "");
  };
}

/// Where RFC 8414 has an issuer's description: between its host and its path.
std::string serverMetadataUrl(const std::string& issuer) {
  const std::string url = withoutSlash(issuer);
  const std::size_t path = url.find('/', url.find("://") + 3);
  return url.substr(0, path) + std::string(server_well_known) +
         (path == std::string::npos ? "" : url.substr(path));
}

}  // namespace

std::vector<http::Route> ResourceMetadata::describe(const std::string& path) {
  const OauthConfig& oauth = config_.auth.oauth;
  if (!oauth.enabled()) return {};
  Json scopes = Json::array();
  for (const Role role : first_roles) scopes.push(oauth.scopeOf(role));
  const std::string document =
      Json::object({{"resource", withoutSlash(withoutSlash(config_.http.public_url) + path)},
                    {"authorization_servers", Json::array({oauth.issuer})},
                    {"scopes_supported", std::move(scopes)},
                    {"bearer_methods_supported", Json::array({"header"})},
                    {"resource_name", "scanhost"}})
          .dump();
  std::vector<http::Route> routes;
  if (path != "/")
    routes.push_back(openRoute(std::string(well_known) + path, sendDocument(document)));
  if (any_.exchange(true)) return routes;
  routes.push_back(openRoute(std::string(well_known), sendDocument(document)));
  const std::string server = serverMetadataUrl(oauth.issuer);
  routes.push_back(openRoute(std::string(server_well_known), redirectTo(server)));
  return routes;
}

http::ChallengeOptions ResourceMetadata::challenge() const {
  http::ChallengeOptions options;
  const OauthConfig& oauth = config_.auth.oauth;
  if (!oauth.enabled()) return options;
  options.metadata_url = withoutSlash(config_.http.public_url) + std::string(well_known);
  for (const Role role : all_roles)
    options.scope_names.emplace(scanhost::scopeOf(role), oauth.scopeOf(role));
  for (const Role role : first_roles) options.first_scopes.emplace_back(scanhost::scopeOf(role));
  return options;
}

}  // namespace scanhost
