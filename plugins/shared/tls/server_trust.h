// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// Decides whether a server's certificate is the one we want to talk to, and remembers what it saw
/// so that a refusal can name the fingerprint and the line to add.
///
/// It takes the place of OpenSSL's own verification in one TLS context. One per connection, which
/// it outlives; used by that connection's thread.
#pragma once

#include <openssl/ossl_typ.h>

#include <string>

#include "plugins/shared/tls/trust.h"

namespace scanhost::tls {

class ServerTrust {
 public:
  ServerTrust(Trust trust, std::string host) : trust_(std::move(trust)), host_(std::move(host)) {}
  ServerTrust(const ServerTrust&) = delete;
  ServerTrust& operator=(const ServerTrust&) = delete;

  /// Throws PluginError (config) when the authorities' file cannot be read.
  void installIn(SSL_CTX* context);

  bool refused() const { return refused_; }
  /// What to tell the operator after a refusal.
  std::string refusal(const std::string& url) const;

 private:
  static int decide(X509_STORE_CTX* chain, void* self);
  int decide(X509_STORE_CTX* chain);
  bool signedByAuthority(X509_STORE_CTX* chain);

  Trust trust_;
  std::string host_;
  bool refused_ = false;
  std::string fingerprint_;  ///< of the certificate seen last
  std::string reason_;
};

}  // namespace scanhost::tls
