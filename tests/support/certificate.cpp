// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "tests/support/certificate.h"

#include <openssl/bio.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <array>
#include <fstream>
#include <memory>
#include <sstream>

#include "host/base/random.h"

namespace scanhost::testing_support {
namespace {

template <auto Free>
struct Releaser {
  template <class T>
  void operator()(T* object) const {
    Free(object);
  }
};
using Bio = std::unique_ptr<BIO, Releaser<&BIO_free_all>>;
using Key = std::unique_ptr<EVP_PKEY, Releaser<&EVP_PKEY_free>>;
using Signed = std::unique_ptr<X509, Releaser<&X509_free>>;

std::string textIn(BIO* bio) {
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio, &data);
  return {data, static_cast<std::size_t>(size)};
}

std::string fingerprintOf(const X509* certificate) {
  std::array<std::uint8_t, 32> digest{};
  X509_digest(certificate, EVP_sha256(), digest.data(), nullptr);
  return toHex(digest);
}

void addName(X509_NAME* name, const char* field, const char* value) {
  X509_NAME_add_entry_by_txt(name, field, MBSTRING_UTF8,
                             reinterpret_cast<const unsigned char*>(value), -1, -1, 0);
}

bool addExtension(X509* certificate, int kind, const std::string& value) {
  X509V3_CTX context;
  X509V3_set_ctx_nodb(&context);
  X509V3_set_ctx(&context, certificate, certificate, nullptr, nullptr, 0);
  X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, &context, kind, value.c_str());
  const bool added = extension && X509_add_ext(certificate, extension, -1) == 1;
  X509_EXTENSION_free(extension);
  return added;
}

bool describe(X509* certificate, EVP_PKEY* key, const std::string& address,
              std::chrono::seconds life) {
  X509_set_version(certificate, 2);
  std::uint64_t serial = 0;
  for (const std::uint8_t byte : randomBytes<7>()) serial = serial << 8 | byte;
  ASN1_INTEGER_set_uint64(X509_get_serialNumber(certificate), serial + 1);
  X509_gmtime_adj(X509_getm_notBefore(certificate), -3600);
  X509_gmtime_adj(X509_getm_notAfter(certificate), static_cast<long>(life.count()));
  X509_NAME* name = X509_get_subject_name(certificate);
  addName(name, "O", "Nessus Users United");
  addName(name, "OU", "Nessus Server");
  addName(name, "CN", "localhost");
  X509_set_issuer_name(certificate, name);
  X509_set_pubkey(certificate, key);
  std::string names = "DNS:localhost,IP:127.0.0.1,IP:::1";
  const bool is_address =
      !address.empty() && address.find_first_not_of("0123456789.") == std::string::npos;
  if (is_address && address != "127.0.0.1") names += ",IP:" + address;
  return addExtension(certificate, NID_subject_alt_name, names) &&
         addExtension(certificate, NID_basic_constraints, "critical,CA:TRUE");
}

std::string readWhole(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  std::stringstream text;
  text << in.rdbuf();
  return text.str();
}

}  // namespace

Result<Certificate> makeSelfSigned(const std::string& address, std::chrono::seconds life) {
  const Key key(EVP_EC_gen("P-256"));
  const Signed certificate(X509_new());
  if (!key || !certificate || !describe(certificate.get(), key.get(), address, life) ||
      X509_sign(certificate.get(), key.get(), EVP_sha256()) == 0)
    return fail(ErrorClass::internal, "OpenSSL could not make a certificate");
  const Bio chain(BIO_new(BIO_s_mem()));
  const Bio secret(BIO_new(BIO_s_mem()));
  PEM_write_bio_X509(chain.get(), certificate.get());
  PEM_write_bio_PrivateKey(secret.get(), key.get(), nullptr, nullptr, 0, nullptr, nullptr);
  return Certificate{textIn(chain.get()), textIn(secret.get()), fingerprintOf(certificate.get())};
}

Result<Certificate> readCertificate(const std::filesystem::path& chain,
                                    const std::filesystem::path& key) {
  Certificate found{readWhole(chain), readWhole(key), {}};
  const Bio bio(BIO_new_mem_buf(found.chain_pem.data(), static_cast<int>(found.chain_pem.size())));
  const Signed first(PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr));
  if (!first)
    return fail(ErrorClass::config,
                "certificate file '" + chain.string() + "' holds no certificate in PEM form");
  if (found.key_pem.empty())
    return fail(ErrorClass::config, "key file '" + key.string() + "' is missing or empty");
  found.fingerprint = fingerprintOf(first.get());
  return found;
}

bool useCertificate(SSL_CTX* context, const Certificate& certificate) {
  BIO* chain =
      BIO_new_mem_buf(certificate.chain_pem.data(), static_cast<int>(certificate.chain_pem.size()));
  BIO* secret =
      BIO_new_mem_buf(certificate.key_pem.data(), static_cast<int>(certificate.key_pem.size()));
  X509* own = PEM_read_bio_X509(chain, nullptr, nullptr, nullptr);
  EVP_PKEY* key = PEM_read_bio_PrivateKey(secret, nullptr, nullptr, nullptr);
  bool fits = own && key && SSL_CTX_use_certificate(context, own) == 1 &&
              SSL_CTX_use_PrivateKey(context, key) == 1;
  while (X509* next = fits ? PEM_read_bio_X509(chain, nullptr, nullptr, nullptr) : nullptr)
    fits = SSL_CTX_add0_chain_cert(context, next) == 1;
  EVP_PKEY_free(key);
  X509_free(own);
  BIO_free_all(secret);
  BIO_free_all(chain);
  return fits;
}

}  // namespace scanhost::testing_support
