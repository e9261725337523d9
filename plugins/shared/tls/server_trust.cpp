// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "plugins/shared/tls/server_trust.h"

#include <arpa/inet.h>
#include <openssl/evp.h>
#include <openssl/ssl.h>
#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>
#include <scanhost/error.h>

namespace scanhost::tls {
namespace {

std::string fingerprintOf(const X509* certificate) {
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned int size = 0;
  if (!certificate || X509_digest(certificate, EVP_sha256(), digest, &size) != 1) return {};
  static constexpr char digits[] = "0123456789abcdef";
  std::string text;
  for (unsigned int i = 0; i < size; ++i) {
    text += digits[digest[i] >> 4];
    text += digits[digest[i] & 15];
  }
  return text;
}

bool isAddress(const std::string& host) {
  unsigned char bytes[sizeof(in6_addr)];
  return inet_pton(AF_INET, host.c_str(), bytes) == 1 ||
         inet_pton(AF_INET6, host.c_str(), bytes) == 1;
}

}  // namespace

void ServerTrust::installIn(SSL_CTX* context) {
  if (trust_.mode == Trust::Mode::authorities) {
    const bool loaded = trust_.ca_file.empty() ? SSL_CTX_set_default_verify_paths(context) == 1
                                               : SSL_CTX_load_verify_locations(
                                                     context, trust_.ca_file.c_str(), nullptr) == 1;
    if (!loaded)
      throw PluginError(
          ErrorClass::config,
          "tls.ca_file: \"" + trust_.ca_file + "\" cannot be read as certificates in PEM form",
          ErrorSubject::backend);
  }
  SSL_CTX_set_verify(context, SSL_VERIFY_PEER, nullptr);
  SSL_CTX_set_cert_verify_callback(context, &ServerTrust::decide, this);
}

int ServerTrust::decide(X509_STORE_CTX* chain, void* self) {
  try {
    return static_cast<ServerTrust*>(self)->decide(chain);
  } catch (...) {
    return 0;  // out of memory, say: not trusted, and nothing may be thrown through OpenSSL
  }
}

int ServerTrust::decide(X509_STORE_CTX* chain) {
  fingerprint_ = fingerprintOf(X509_STORE_CTX_get0_cert(chain));
  bool trusted = false;
  switch (trust_.mode) {
    case Trust::Mode::insecure: trusted = true; break;
    case Trust::Mode::pin:
      trusted = fingerprint_ == trust_.pin_sha256;
      reason_ = "it is not the pinned " + trust_.pin_sha256;
      break;
    case Trust::Mode::authorities: trusted = signedByAuthority(chain); break;
  }
  refused_ = !trusted;
  if (refused_ && X509_STORE_CTX_get_error(chain) == X509_V_OK)
    X509_STORE_CTX_set_error(chain, X509_V_ERR_CERT_REJECTED);
  return trusted ? 1 : 0;
}

bool ServerTrust::signedByAuthority(X509_STORE_CTX* chain) {
  X509_VERIFY_PARAM* wanted = X509_STORE_CTX_get0_param(chain);
  const int set = isAddress(host_)
                      ? X509_VERIFY_PARAM_set1_ip_asc(wanted, host_.c_str())
                      : X509_VERIFY_PARAM_set1_host(wanted, host_.c_str(), host_.size());
  if (set == 1 && X509_verify_cert(chain) == 1) return true;
  reason_ = X509_verify_cert_error_string(X509_STORE_CTX_get_error(chain));
  return false;
}

std::string ServerTrust::refusal(const std::string& url) const {
  return url + " shows a certificate that is not trusted (" + reason_ + "), SHA-256 fingerprint " +
         fingerprint_ + "; if that is the right server, add to its config: tls: {pin_sha256: \"" +
         fingerprint_ + "\"}";
}

}  // namespace scanhost::tls
