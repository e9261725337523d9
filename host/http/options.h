// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// What the listener may be told, with every bound it keeps. Each buffer has one; none is
/// unlimited.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "host/base/time.h"

namespace scanhost::http {

/// PEM files. With `client_ca`, clients must show a certificate that it signed.
struct TlsOptions {
  std::string certificate;  ///< the chain, leaf first
  std::string key;          ///< without a passphrase
  std::string client_ca;
};

/// From when to when a certificate is good; zeros where there is none.
struct CertificateLife {
  Timestamp begins;
  Timestamp ends;
};

struct Limits {
  std::size_t head_bytes = 32u << 10;   ///< request line and headers; beyond: 431
  std::size_t target_bytes = 8u << 10;  ///< beyond: 414
  std::size_t header_fields = 100;      ///< beyond: 431
  std::size_t body_bytes = 4u << 20;    ///< unless the route says otherwise; beyond: 413
  std::size_t prebuffer_bytes = 16u
                                << 10;  ///< a body up to this is awaited before a thread is taken
  std::size_t stream_buffer_bytes = 256u << 10;  ///< unsent bytes of one stream; beyond: closed
  std::size_t stream_buffer_most = 8u << 20;     ///< that a route may ask for instead
  /// Of all responses and streams; beyond, handlers wait for their clients, answers that were
  /// deferred are 503, and a stream that cannot send at once is closed.
  std::size_t unsent_bytes = 256u << 20;
  std::size_t connections = 16'384;             ///< beyond: 503
  std::size_t connections_per_address = 2'048;  ///< trusted proxies are exempt; beyond: 503
  /// Beyond either, for one request each: essential routes answer it, others 503. When these are
  /// taken, too, the oldest that has not asked makes way.
  std::size_t reserve_connections = 64;
  std::size_t streams = 8'192;  ///< with deferred answers; beyond: 503
};

struct Timeouts {
  std::chrono::milliseconds head{
      10'000};  ///< from the first byte (or accept) to the end of the head
  std::chrono::milliseconds idle{75'000};  ///< between requests
  std::chrono::milliseconds body{
      30'000};  ///< for a body, plus one second for each 64 KiB that came
  std::chrono::milliseconds body_idle{10'000};  ///< between two pieces of it
  std::chrono::milliseconds queue{5'000};       ///< waiting for a thread; then 503
  std::chrono::milliseconds send{30'000};  ///< in which a client must take 16 KiB, or all there is
  std::chrono::milliseconds linger{
      2'000};  ///< for the peer to read the last answer before the close
  std::chrono::milliseconds reserve_head{1'000};  ///< `head` on a connection of the reserve
};

/// What a client that is not let in is told in WWW-Authenticate.
struct ChallengeOptions {
  std::string realm = "scanhost";
  /// Where resources are described, without their path:
  /// "https://scan.example.org/.well-known/oauth-protected-resource". Empty: nowhere.
  std::string metadata_url;
  /// What the authorization server calls the scopes "scanhost:..."; those not named here are
  /// called that.
  std::map<std::string, std::string> scope_names;
  std::vector<std::string> first_scopes;  ///< that a 401 names
};

struct ListenOptions {
  /// "127.0.0.1:8835", "[::1]:8835", "0.0.0.0:0" (any free port), or
  /// "unix:/run/scanhost/control.sock"
  std::string listen = "127.0.0.1:8835";
  std::optional<TlsOptions> tls;
  std::size_t threads = 16;         ///< that run handlers
  std::size_t reserve_threads = 2;  ///< further ones, for essential routes alone
  /// Waiting for a thread, one of each connection at most; beyond: 503.
  std::size_t queued_requests = 1'024;
  Limits limits;
  Timeouts timeouts;
  std::string public_url;                  ///< "https://scan.example.org": what clients call this
  std::vector<std::string> allowed_hosts;  ///< further names in Host
  std::vector<std::string>
      allowed_origins;  ///< further origins, "https://console.example.org:8443"
  /// Addresses or networks whose X-Forwarded-For is believed.
  std::vector<std::string> trusted_proxies;
  ChallengeOptions challenge;
};

}  // namespace scanhost::http
