// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// Who may call: API keys, sessions, and the token compiled into the user interface's script.
///
/// Used under the simulator's lock.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "host/base/time.h"
#include "tests/simulators/nessus/message.h"

namespace scanhost::simulator {

enum class Caller { nobody, keys, session };

struct Visitor {
  Caller caller = Caller::nobody;
  bool refused = false;    ///< showed credentials that are wrong or stale
  bool api_token = false;  ///< sent the right X-API-Token
};

struct KeyPair {
  std::string access;
  std::string secret;
};

class Access {
 public:
  struct Options {
    KeyPair keys;
    std::string username;  ///< empty: no one can open a session
    std::string password;
    std::chrono::seconds idle{1800};  ///< after which a session is forgotten
  };

  explicit Access(Options options);

  /// Also keeps the visitor's session alive.
  Visitor identify(const Request& request, Timestamp now);

  /// The token of a new session, or nothing when name or password are wrong.
  std::optional<std::string> login(const std::string& username, const std::string& password,
                                   Timestamp now);
  void logout(const Request& request);

  /// Replaces the pair; the old one is refused from now on.
  KeyPair renewKeys();

  /// Who owns what is made here; "admin" when no one can open a session.
  std::string owner() const { return options_.username.empty() ? "admin" : options_.username; }
  const std::string& apiToken() const { return api_token_; }
  /// As an upgrade of the product does.
  void renewApiToken();

 private:
  Options options_;
  std::string api_token_;
  std::map<std::string, Timestamp> sessions_;  // token to last use
};

}  // namespace scanhost::simulator
