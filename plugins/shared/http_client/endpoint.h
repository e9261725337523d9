// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// A server that is asked over HTTP: where it is, how it is trusted, how long it may take.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

#include "plugins/shared/tls/trust.h"

namespace scanhost::http_client {

struct Endpoint {
  bool secure = true;  ///< by TLS
  std::string host;    ///< a name or an address, IPv6 without brackets
  std::uint16_t port = 443;
  tls::Trust tls;
  std::chrono::milliseconds connect_timeout{10'000};
  std::chrono::milliseconds request_timeout{60'000};  ///< without a byte from the server

  /// "https://scanner:8834", for people.
  std::string url() const;
  /// Whether it is on this machine.
  bool isLoopback() const;
};

}  // namespace scanhost::http_client
