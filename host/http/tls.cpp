// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "host/http/tls.h"

#include <openssl/err.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>
#include <time.h>

#include <cerrno>

namespace scanhost::http {
namespace {

tl::unexpected<Error> tlsFailure(const std::string& what) {
  char reason[256] = "unknown";
  if (const unsigned long code = ERR_get_error()) ERR_error_string_n(code, reason, sizeof reason);
  ERR_clear_error();
  return fail(ErrorClass::config, "http.tls: " + what + ": " + reason);
}

/// Of `file`, named as "key /etc/x.pem"; `otherwise` is what else may be wrong with it.
tl::unexpected<Error> fileFailure(const std::string& file, const std::string& otherwise) {
  const unsigned long code = ERR_peek_error();
  if (!ERR_SYSTEM_ERROR(code) || ERR_GET_REASON(code) != EACCES)
    return tlsFailure(file + otherwise);
  ERR_clear_error();
  return fail(ErrorClass::config,
              "http.tls: " + file +
                  " may not be read by this user, so it is not checked; the service's user must "
                  "be able to read it");
}

Timestamp timeOf(const ASN1_TIME* time) {
  tm parts{};
  if (ASN1_TIME_to_tm(time, &parts) != 1) return {};
  return {static_cast<std::int64_t>(timegm(&parts)) * 1'000'000};
}

std::string textOf(const ASN1_STRING* text) {
  return {reinterpret_cast<const char*>(ASN1_STRING_get0_data(text)),
          static_cast<std::size_t>(ASN1_STRING_length(text))};
}

std::string lowercase(std::string text) {
  for (char& c : text)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
  return text;
}

/// The subject's alternative names that can name a client, and its common name.
std::vector<std::string> namesOf(const X509* certificate) {
  std::vector<std::string> names;
  using Names = std::unique_ptr<GENERAL_NAMES, decltype(&GENERAL_NAMES_free)>;
  const Names alternatives(static_cast<GENERAL_NAMES*>(X509_get_ext_d2i(
                               certificate, NID_subject_alt_name, nullptr, nullptr)),
                           &GENERAL_NAMES_free);
  const int count = alternatives ? sk_GENERAL_NAME_num(alternatives.get()) : 0;
  for (int i = 0; i < count; ++i) {
    const GENERAL_NAME* name = sk_GENERAL_NAME_value(alternatives.get(), i);
    switch (name->type) {
      case GEN_URI: names.push_back("URI:" + textOf(name->d.uniformResourceIdentifier)); break;
      case GEN_DNS: names.push_back("DNS:" + lowercase(textOf(name->d.dNSName))); break;
      case GEN_EMAIL: names.push_back("EMAIL:" + lowercase(textOf(name->d.rfc822Name))); break;
      default: break;
    }
  }
  const X509_NAME* subject = X509_get_subject_name(certificate);
  for (int at = -1; (at = X509_NAME_get_index_by_NID(subject, NID_commonName, at)) >= 0;) {
    unsigned char* text = nullptr;
    const int size =
        ASN1_STRING_to_UTF8(&text, X509_NAME_ENTRY_get_data(X509_NAME_get_entry(subject, at)));
    if (size < 0) continue;
    names.push_back(
        "CN:" + std::string(reinterpret_cast<const char*>(text), static_cast<std::size_t>(size)));
    OPENSSL_free(text);
  }
  return names;
}

/// A key with a passphrase must fail, not ask on a terminal.
int noPassphrase(char*, int, int, void*) {
  return 0;
}

}  // namespace

Result<std::shared_ptr<TlsContext>> TlsContext::load(const TlsOptions& options) {
  ERR_clear_error();
  SSL_CTX* native = SSL_CTX_new(TLS_server_method());
  if (!native) return tlsFailure("no context");
  std::shared_ptr<TlsContext> context(new TlsContext(native));
  if (auto configured = context->configure(options); !configured)
    return tl::unexpected(configured.error());
  return context;
}

Status TlsContext::configure(const TlsOptions& options) {
  SSL_CTX* native = context_.get();
  SSL_CTX_set_min_proto_version(native, TLS1_2_VERSION);
  SSL_CTX_set_options(native, SSL_OP_NO_COMPRESSION | SSL_OP_NO_RENEGOTIATION |
                                  SSL_OP_CIPHER_SERVER_PREFERENCE | SSL_OP_IGNORE_UNEXPECTED_EOF);
  SSL_CTX_set_mode(native, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER |
                               SSL_MODE_RELEASE_BUFFERS);
  SSL_CTX_set_default_passwd_cb(native, noPassphrase);
  static constexpr unsigned char session_context[] = "scanhost";
  SSL_CTX_set_session_id_context(native, session_context, sizeof session_context - 1);
  if (SSL_CTX_set_cipher_list(native, "ECDHE+AESGCM:ECDHE+CHACHA20") != 1)
    return tlsFailure("no cipher");
  if (SSL_CTX_use_certificate_chain_file(native, options.certificate.c_str()) != 1)
    return fileFailure("certificate " + options.certificate, " cannot be read");
  if (SSL_CTX_use_PrivateKey_file(native, options.key.c_str(), SSL_FILETYPE_PEM) != 1)
    return fileFailure("key " + options.key,
                       " cannot be read, or is not that of " + options.certificate);
  if (SSL_CTX_check_private_key(native) != 1)
    return tlsFailure("key " + options.key + " is not that of " + options.certificate);
  if (options.client_ca.empty()) return {};

  if (SSL_CTX_load_verify_locations(native, options.client_ca.c_str(), nullptr) != 1)
    return fileFailure("client_ca " + options.client_ca, " cannot be read");
  SSL_CTX_set_client_CA_list(native, SSL_load_client_CA_file(options.client_ca.c_str()));
  SSL_CTX_set_verify(native, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nullptr);
  return {};
}

CertificateLife TlsContext::certificate() const {
  const X509* certificate = SSL_CTX_get0_certificate(context_.get());
  if (!certificate) return {};
  return {timeOf(X509_get0_notBefore(certificate)), timeOf(X509_get0_notAfter(certificate))};
}

std::optional<ClientCertificate> clientCertificateOf(const SSL* ssl) {
  X509* certificate = SSL_get0_peer_certificate(ssl);
  if (!certificate || SSL_get_verify_mode(ssl) == SSL_VERIFY_NONE ||
      SSL_get_verify_result(ssl) != X509_V_OK)
    return std::nullopt;
  return ClientCertificate{namesOf(certificate), timeOf(X509_get0_notAfter(certificate))};
}

}  // namespace scanhost::http
