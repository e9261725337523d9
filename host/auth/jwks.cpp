// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "host/auth/jwks.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ecdsa.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>
#include <openssl/rsa.h>
#include <scanhost/json.h>

#include <array>

#include "host/base/base64.h"

namespace scanhost {
namespace {

using Bytes = std::vector<std::uint8_t>;

template <auto Function>
struct Free {
  template <class T>
  void operator()(T* object) const {
    Function(object);
  }
};
using Key = std::unique_ptr<EVP_PKEY, Free<&EVP_PKEY_free>>;
using KeyContext = std::unique_ptr<EVP_PKEY_CTX, Free<&EVP_PKEY_CTX_free>>;
using DigestContext = std::unique_ptr<EVP_MD_CTX, Free<&EVP_MD_CTX_free>>;
using Number = std::unique_ptr<BIGNUM, Free<&BN_free>>;
using Builder = std::unique_ptr<OSSL_PARAM_BLD, Free<&OSSL_PARAM_BLD_free>>;
using Parameters = std::unique_ptr<OSSL_PARAM, Free<&OSSL_PARAM_free>>;

constexpr int least_rsa_bits = 2048;
constexpr int most_rsa_bits = 8192;
constexpr std::size_t p256_bytes = 32;
constexpr std::size_t ed25519_bytes = 32;

constexpr std::array<std::pair<std::string_view, JwtAlgorithm>, 4> algorithm_names = {
    {{"RS256", JwtAlgorithm::rs256},
     {"PS256", JwtAlgorithm::ps256},
     {"ES256", JwtAlgorithm::es256},
     {"EdDSA", JwtAlgorithm::eddsa}}};

Key keyOf(const char* type, OSSL_PARAM_BLD* builder) {
  const Parameters parameters(OSSL_PARAM_BLD_to_param(builder));
  const KeyContext context(EVP_PKEY_CTX_new_from_name(nullptr, type, nullptr));
  EVP_PKEY* key = nullptr;
  if (!parameters || !context || EVP_PKEY_fromdata_init(context.get()) != 1 ||
      EVP_PKEY_fromdata(context.get(), &key, EVP_PKEY_PUBLIC_KEY, parameters.get()) != 1)
    return nullptr;
  return Key(key);
}

Key rsaKey(const Json& jwk) {
  const auto n = decodeBase64Url(jwk["n"].asString());
  const auto e = decodeBase64Url(jwk["e"].asString());
  if (!n || !e || n->empty() || e->empty() || n->size() > most_rsa_bits / 8 || e->size() > 8)
    return nullptr;
  const Number modulus(BN_bin2bn(n->data(), static_cast<int>(n->size()), nullptr));
  const Number exponent(BN_bin2bn(e->data(), static_cast<int>(e->size()), nullptr));
  const Builder builder(OSSL_PARAM_BLD_new());
  if (!modulus || !exponent || !builder || BN_num_bits(modulus.get()) < least_rsa_bits ||
      !BN_is_odd(exponent.get()) || BN_is_one(exponent.get()) ||
      OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_N, modulus.get()) != 1 ||
      OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_E, exponent.get()) != 1)
    return nullptr;
  return keyOf("RSA", builder.get());
}

Key p256Key(const Json& jwk) {
  const auto x = decodeBase64Url(jwk["x"].asString());
  const auto y = decodeBase64Url(jwk["y"].asString());
  if (!x || !y || x->size() != p256_bytes || y->size() != p256_bytes) return nullptr;
  Bytes point = {0x04};  // uncompressed
  point.insert(point.end(), x->begin(), x->end());
  point.insert(point.end(), y->begin(), y->end());
  const Builder builder(OSSL_PARAM_BLD_new());
  if (!builder ||
      OSSL_PARAM_BLD_push_utf8_string(builder.get(), OSSL_PKEY_PARAM_GROUP_NAME, "P-256", 0) != 1 ||
      OSSL_PARAM_BLD_push_octet_string(builder.get(), OSSL_PKEY_PARAM_PUB_KEY, point.data(),
                                       point.size()) != 1)
    return nullptr;
  return keyOf("EC", builder.get());
}

Key ed25519Key(const Json& jwk) {
  const auto x = decodeBase64Url(jwk["x"].asString());
  if (!x || x->size() != ed25519_bytes) return nullptr;
  return Key(EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nullptr, x->data(), x->size()));
}

bool isForSignatures(const Json& jwk) {
  if (const Json* use = jwk.find("use"); use && use->asString() != "sig") return false;
  const Json* operations = jwk.find("key_ops");
  if (!operations) return true;
  for (const Json& operation : operations->items())
    if (operation.asString() == "verify") return true;
  return false;
}

/// The signature of RFC 7518 is r and s side by side; OpenSSL wants DER.
Bytes ecdsaDer(const Bytes& signature) {
  if (signature.size() != 2 * p256_bytes) return {};
  const std::unique_ptr<ECDSA_SIG, Free<&ECDSA_SIG_free>> pair(ECDSA_SIG_new());
  BIGNUM* r = BN_bin2bn(signature.data(), p256_bytes, nullptr);
  BIGNUM* s = BN_bin2bn(signature.data() + p256_bytes, p256_bytes, nullptr);
  if (!pair || !r || !s || ECDSA_SIG_set0(pair.get(), r, s) != 1) {
    BN_free(r);
    BN_free(s);
    return {};
  }
  Bytes der(static_cast<std::size_t>(i2d_ECDSA_SIG(pair.get(), nullptr)));
  unsigned char* at = der.data();
  i2d_ECDSA_SIG(pair.get(), &at);
  return der;
}

bool usePss(EVP_PKEY_CTX* context) {
  return EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_PSS_PADDING) == 1 &&
         EVP_PKEY_CTX_set_rsa_mgf1_md(context, EVP_sha256()) == 1 &&
         EVP_PKEY_CTX_set_rsa_pss_saltlen(context, RSA_PSS_SALTLEN_DIGEST) == 1;
}

}  // namespace

std::optional<JwtAlgorithm> jwtAlgorithmNamed(std::string_view name) {
  for (const auto& [known, algorithm] : algorithm_names)
    if (name == known) return algorithm;
  return std::nullopt;
}

bool JwksKey::suits(JwtAlgorithm algorithm) const {
  if (only_ && *only_ != algorithm) return false;
  switch (algorithm) {
    case JwtAlgorithm::rs256:
    case JwtAlgorithm::ps256: return kind_ == Kind::rsa;
    case JwtAlgorithm::es256: return kind_ == Kind::p256;
    case JwtAlgorithm::eddsa: return kind_ == Kind::ed25519;
  }
  return false;
}

bool JwksKey::verifies(JwtAlgorithm algorithm, std::string_view signed_text,
                       const std::vector<std::uint8_t>& signature) const {
  if (!suits(algorithm)) return false;
  const Bytes& given = signature;
  const Bytes der = algorithm == JwtAlgorithm::es256 ? ecdsaDer(given) : Bytes();
  const Bytes& checked = algorithm == JwtAlgorithm::es256 ? der : given;
  const DigestContext context(EVP_MD_CTX_new());
  EVP_PKEY_CTX* key_context = nullptr;
  const EVP_MD* digest = algorithm == JwtAlgorithm::eddsa ? nullptr : EVP_sha256();
  const bool verified = context && !checked.empty() &&
                        EVP_DigestVerifyInit(context.get(), &key_context, digest, nullptr,
                                             static_cast<EVP_PKEY*>(key_.get())) == 1 &&
                        (algorithm != JwtAlgorithm::ps256 || usePss(key_context)) &&
                        EVP_DigestVerify(context.get(), checked.data(), checked.size(),
                                         reinterpret_cast<const unsigned char*>(signed_text.data()),
                                         signed_text.size()) == 1;
  ERR_clear_error();
  return verified;
}

Result<Jwks> Jwks::parse(std::string_view json) {
  if (json.size() > max_bytes)
    return fail(ErrorClass::config,
                "the key set is over " + std::to_string(max_bytes / 1024) + " KiB");
  const auto document = Json::tryParse(json, {.depth = 8, .values = 10'000});
  if (!document || !(*document)["keys"].isArray())
    return fail(ErrorClass::config, "it is no key set: a JSON object with a list of keys");
  Jwks set;
  for (const Json& jwk : (*document)["keys"].items()) {
    if (set.keys_.size() >= max_keys) break;
    if (!isForSignatures(jwk)) continue;
    JwksKey key;
    key.id_ = jwk["kid"].asString();
    if (const Json* named = jwk.find("alg")) {
      key.only_ = jwtAlgorithmNamed(named->asString());
      if (!key.only_) continue;
    }
    const std::string& type = jwk["kty"].asString();
    const std::string& curve = jwk["crv"].asString();
    Key native;
    if (type == "RSA") {
      native = rsaKey(jwk);
      key.kind_ = JwksKey::Kind::rsa;
    } else if (type == "EC" && curve == "P-256") {
      native = p256Key(jwk);
      key.kind_ = JwksKey::Kind::p256;
    } else if (type == "OKP" && curve == "Ed25519") {
      native = ed25519Key(jwk);
      key.kind_ = JwksKey::Kind::ed25519;
    }
    if (!native) continue;
    key.key_ = std::shared_ptr<EVP_PKEY>(native.release(), &EVP_PKEY_free);
    set.keys_.push_back(std::move(key));
  }
  ERR_clear_error();
  if (set.keys_.empty())
    return fail(ErrorClass::config,
                "it holds no key for signatures with RS256, PS256, ES256 or EdDSA");
  return set;
}

}  // namespace scanhost
