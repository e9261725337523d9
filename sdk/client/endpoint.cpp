// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "sdk/client/endpoint.h"

#include <Poco/Net/IPAddress.h>
#include <Poco/URI.h>

#include <stdexcept>

namespace scanhost::client {
namespace {

constexpr std::uint16_t default_port = 8835;
constexpr std::string_view local_scheme = "unix:";
constexpr std::size_t longest_socket_path = 107;

bool isLoopback(const std::string& host) {
  Poco::Net::IPAddress address;
  if (Poco::Net::IPAddress::tryParse(host, address)) return address.isLoopback();
  return host == "localhost";
}

std::string withoutMcp(std::string path) {
  const auto trimSlashes = [&path] {
    while (!path.empty() && path.back() == '/') path.pop_back();
  };
  trimSlashes();
  constexpr std::string_view ending = "/mcp";
  if (path.size() >= ending.size() &&
      path.compare(path.size() - ending.size(), ending.size(), ending) == 0) {
    path.resize(path.size() - ending.size());
    trimSlashes();
  }
  return path;
}

/// Poco answers the port of the scheme when there is none, and ours is another.
bool namesPort(const std::string& url) {
  const auto start = url.find("://") + 3;
  const std::string authority = url.substr(start, url.find_first_of("/?#", start) - start);
  const auto colon = authority.rfind(':');
  const auto bracket = authority.rfind(']');
  const bool after_address = bracket == std::string::npos || colon > bracket;
  return colon != std::string::npos && after_address && colon + 1 < authority.size();
}

bool isPrintable(std::string_view text) {
  for (const char c : text)
    if (c <= ' ' || c > '~') return false;
  return true;
}

/// A host for the Host header, which a local socket does not look at.
Endpoint localEndpoint(std::string_view path) {
  if (path.empty() || path.front() != '/' || path.size() > longest_socket_path)
    throw std::invalid_argument(
        "service URL: unix: wants the absolute path of a socket, of at most " +
        std::to_string(longest_socket_path) + " bytes");
  Endpoint endpoint;
  endpoint.host = "localhost";
  endpoint.port = default_port;
  endpoint.loopback = true;
  endpoint.socket_path = path;
  return endpoint;
}

}  // namespace

std::string Endpoint::url() const {
  if (!socket_path.empty()) return std::string(local_scheme) + socket_path;
  const std::string shown = host.find(':') == std::string::npos ? host : "[" + host + "]";
  return (secure ? "https://" : "http://") + shown + ":" + std::to_string(port) + mcpPath();
}

Endpoint parseEndpoint(std::string_view url) {
  const std::string text(url);
  const auto refuse = [](const std::string& why) -> std::invalid_argument {
    return std::invalid_argument("service URL: " + why +
                                 "; give it as http://host:8835 or https://host:8835");
  };
  if (!isPrintable(text)) throw refuse("it holds spaces or control characters");
  if (url.substr(0, local_scheme.size()) == local_scheme)
    return localEndpoint(url.substr(local_scheme.size()));
  Poco::URI uri;
  try {
    uri = Poco::URI(text);
  } catch (const Poco::Exception&) {
    throw refuse("it cannot be read as a URL");
  }
  if (!uri.getUserInfo().empty())
    throw refuse("it holds a user name or password, which belong in SCANHOST_TOKEN or a file");
  if (uri.getScheme() != "http" && uri.getScheme() != "https")
    throw refuse("'" + text + "' does not begin with http:// or https://");
  if (uri.getHost().empty()) throw refuse("'" + text + "' names no host");
  if (!uri.getRawQuery().empty() || !uri.getFragment().empty())
    throw refuse("'" + text + "' has a query or fragment");

  Endpoint endpoint;
  endpoint.secure = uri.getScheme() == "https";
  endpoint.host = uri.getHost();
  if (endpoint.host.size() > 2 && endpoint.host.front() == '[')
    endpoint.host = endpoint.host.substr(1, endpoint.host.size() - 2);
  endpoint.port = namesPort(text) ? uri.getPort() : default_port;
  endpoint.base_path = withoutMcp(uri.getPath());
  endpoint.loopback = isLoopback(endpoint.host);
  return endpoint;
}

}  // namespace scanhost::client
