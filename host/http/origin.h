// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// Keeps web pages of strangers away from the service (DNS rebinding, cross-site requests).
///
/// A browser tells in Host and Origin which name it believes it talks to and on whose behalf. Both
/// are compared by their parsed parts: a Host must carry a name of ours (its port is free, for
/// port mappings change it); an Origin, where there is one, must be the very origin of that Host,
/// or one allowed by name. An address literal in Host is no danger where others may reach us
/// anyway, for only a name can be rebound. Immutable, any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>

#include "host/base/result.h"
#include "host/http/options.h"

namespace scanhost::http {

/// "example.org:8443", "[::1]", "127.0.0.1:80": lowercase, brackets kept off the name.
struct Authority {
  std::string name;
  std::optional<std::uint16_t> port;
  bool is_address = false;

  static std::optional<Authority> parse(std::string_view text);
};

/// "https://example.org": scheme, name, and the port even where it is the default one.
struct Origin {
  std::string scheme;
  std::string name;
  std::uint16_t port = 0;
  friend auto operator<=>(const Origin&, const Origin&) = default;

  /// Scheme http or https, nothing after the port but an optional '/'.
  static std::optional<Origin> parse(std::string_view text);
};

class OriginGuard {
 public:
  enum class Verdict { ok, bad_host, bad_origin };

  /// From the listener's options; fails on a public_url or an allowed origin that is none.
  static Result<OriginGuard> fromOptions(const ListenOptions& options);

  /// `origin` absent: no browser, or one that had no reason to send it.
  Verdict check(std::string_view host, std::optional<std::string_view> origin) const;

 private:
  bool isOurName(const Authority& host) const;

  bool any_address_ = false;
  std::set<std::string> names_;
  std::set<Origin> origins_;
};

/// Whether the listen address is reached from this machine only.
bool isLoopback(std::string_view listen);

}  // namespace scanhost::http
