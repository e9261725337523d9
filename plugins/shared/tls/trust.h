// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// How a server's certificate is trusted, as an operator writes it under `tls:`.
#pragma once

#include <scanhost/host.h>

#include <string>

namespace scanhost::tls {

struct Trust {
  enum class Mode { authorities, pin, insecure };
  Mode mode = Mode::authorities;
  std::string ca_file;     ///< empty: the system's authorities
  std::string pin_sha256;  ///< lowercase, without colons
};

/// Of `ca_file`, `pin_sha256` and `insecure`, of which one may be given. Throws PluginError
/// (config); `plugin` begins the message.
Trust readTrust(const Json& tls, const std::string& plugin);

}  // namespace scanhost::tls
