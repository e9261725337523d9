// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// The server's side of TLS: one context per certificate, shared by its connections.
///
/// OpenSSL directly: Poco 1.11's SecureStreamSocket keeps its own idea of whether the socket
/// blocks, so a read on a non-blocking one may wait after all, and here none may.
#pragma once

#include <openssl/ssl.h>

#include <memory>
#include <optional>

#include "host/base/result.h"
#include "host/http/message.h"
#include "host/http/options.h"

namespace scanhost::http {

class TlsContext {
 public:
  /// TLS 1.2 and later, forward-secret AEAD ciphers alone. Errors name the file.
  static Result<std::shared_ptr<TlsContext>> load(const TlsOptions& options);

  SSL_CTX* native() const { return context_.get(); }
  CertificateLife certificate() const;

 private:
  struct Free {
    void operator()(SSL_CTX* context) const { SSL_CTX_free(context); }
  };
  explicit TlsContext(SSL_CTX* context) : context_(context) {}
  Status configure(const TlsOptions& options);

  std::unique_ptr<SSL_CTX, Free> context_;
};

/// Of a connection whose client had to show one; nothing before the handshake is over.
std::optional<ClientCertificate> clientCertificateOf(const SSL* ssl);

}  // namespace scanhost::http
