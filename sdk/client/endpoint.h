// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// Where a service listens, read once from the URL that a person gave.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace scanhost::client {

struct Endpoint {
  bool secure = false;
  std::string host;
  std::uint16_t port = 0;
  std::string base_path;  ///< before /mcp: empty, or "/prefix" behind a proxy
  /// Anything sent in clear text to another machine can be read on the way.
  bool loopback = false;
  std::string socket_path;  ///< of a local socket, in place of host and port; else empty

  std::string mcpPath() const { return base_path + "/mcp"; }
  /// The MCP endpoint in full.
  std::string url() const;
};

/// Accepts `http[s]://host[:port][/prefix][/mcp]` and `unix:/path/of/control.sock`. Throws
/// std::invalid_argument that names what is wrong; a user name or password inside is refused, for
/// URLs show up in process lists.
Endpoint parseEndpoint(std::string_view url);

}  // namespace scanhost::client
