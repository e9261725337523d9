// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// Where Redis is, how it is trusted, how we log in and what we ask of it. Made of the settings
/// once; the rest of the plugin sees no JSON of the operator's.
#pragma once

#include <scanhost/host.h>

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "plugins/shared/tls/trust.h"

namespace scanhost::queue_redis {

struct Address {
  std::string host;
  std::uint16_t port = 6379;

  /// "host:port"
  std::string text() const;
  friend bool operator==(const Address&, const Address&) = default;
};

struct Login {
  std::string username;  ///< of an ACL user; empty: the default user
  std::string password;  ///< empty: no login
};

struct Tls {
  tls::Trust trust;
  std::string certificate;  ///< of ours, for a server that asks for one
  std::string key;
};

struct Config {
  Address address;                 ///< unless Sentinel tells
  std::vector<Address> sentinels;  ///< empty: no Sentinel
  std::string master_name;
  Login login, sentinel_login;
  std::optional<Tls> tls;  ///< none: no TLS
  int database = 0;
  std::string prefix = "scanhost";
  std::size_t pool_size = 8;
  unsigned wait_replicas = 0;  ///< that must have an accepted task before it is told
  std::chrono::milliseconds connect_timeout{5'000};
  std::chrono::milliseconds timeout{10'000};  ///< longest silence of the server

  /// For messages: never holds a login.
  std::string where() const;
};

/// Throws PluginError (config).
Config readConfig(const Json& values);

}  // namespace scanhost::queue_redis
