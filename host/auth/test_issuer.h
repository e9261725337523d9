// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// An authorization server as tests need it: keys of its own, the set it publishes, tokens it
/// signs.
#pragma once

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ecdsa.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>
#include <scanhost/json.h>

#include <map>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "host/base/base64.h"
#include "host/base/time.h"

namespace scanhost {

class TestIssuer {
 public:
  static constexpr const char* url = "https://login.example.org";
  static constexpr const char* audience = "https://scan.example.org/mcp";

  TestIssuer() {
    keys_["rsa"] = Key(EVP_RSA_gen(2048), &EVP_PKEY_free);
    keys_["ec"] = Key(EVP_EC_gen("P-256"), &EVP_PKEY_free);
    keys_["ed"] = Key(EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519"), &EVP_PKEY_free);
  }

  /// What it publishes.
  std::string jwks() const {
    return Json::object({{"keys", Json::array({rsaJwk(), ecJwk(), edJwk()})}}).dump();
  }

  /// Claims of a good token, good for an hour.
  static Json claims(const std::string& scope = "scanhost:scan") {
    const std::int64_t now = Timestamp::now().micros / 1'000'000;
    return Json::object({{"iss", url},
                         {"aud", audience},
                         {"sub", "alice"},
                         {"exp", now + 3600},
                         {"iat", now},
                         {"scope", scope}});
  }
  static Json header(const std::string& algorithm, const std::string& key) {
    return Json::object({{"alg", algorithm}, {"kid", key}, {"typ", "at+jwt"}});
  }

  std::string token(const Json& claims_in, const std::string& algorithm = "ES256",
                    const std::string& key = "ec") const {
    return sign(header(algorithm, key), claims_in, key);
  }
  /// Signed with the key of that name, whatever the header says.
  std::string sign(const Json& header_in, const Json& claims_in, const std::string& key) const {
    const std::string text = part(header_in.dump()) + "." + part(claims_in.dump());
    return text + "." + encodeBase64Url(signature(header_in["alg"].asString(), key, text));
  }

  static std::string part(const std::string& text) {
    return encodeBase64Url({reinterpret_cast<const std::uint8_t*>(text.data()), text.size()});
  }

 private:
  using Key = std::shared_ptr<EVP_PKEY>;
  using Bytes = std::vector<std::uint8_t>;

  Bytes signature(const std::string& algorithm, const std::string& key,
                  const std::string& text) const {
    const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context(EVP_MD_CTX_new(),
                                                                          &EVP_MD_CTX_free);
    EVP_PKEY_CTX* key_context = nullptr;
    const auto* data = reinterpret_cast<const unsigned char*>(text.data());
    std::size_t size = 0;
    Bytes out;
    if (EVP_DigestSignInit(context.get(), &key_context, key == "ed" ? nullptr : EVP_sha256(),
                           nullptr, keys_.at(key).get()) != 1)
      throw std::runtime_error("no signature");
    if (algorithm == "PS256") {
      EVP_PKEY_CTX_set_rsa_padding(key_context, RSA_PKCS1_PSS_PADDING);
      EVP_PKEY_CTX_set_rsa_pss_saltlen(key_context, RSA_PSS_SALTLEN_DIGEST);
    }
    EVP_DigestSign(context.get(), nullptr, &size, data, text.size());
    out.resize(size);
    EVP_DigestSign(context.get(), out.data(), &size, data, text.size());
    out.resize(size);
    return key == "ec" ? sideBySide(out) : out;
  }

  /// r and s, 32 bytes each, from DER.
  static Bytes sideBySide(const Bytes& der) {
    const unsigned char* at = der.data();
    ECDSA_SIG* pair = d2i_ECDSA_SIG(nullptr, &at, static_cast<long>(der.size()));
    Bytes out(64);
    BN_bn2binpad(ECDSA_SIG_get0_r(pair), out.data(), 32);
    BN_bn2binpad(ECDSA_SIG_get0_s(pair), out.data() + 32, 32);
    ECDSA_SIG_free(pair);
    return out;
  }

  std::string number(const std::string& key, const char* name) const {
    BIGNUM* value = nullptr;
    EVP_PKEY_get_bn_param(keys_.at(key).get(), name, &value);
    Bytes bytes(static_cast<std::size_t>(BN_num_bytes(value)));
    BN_bn2bin(value, bytes.data());
    BN_free(value);
    if (key == "ec") bytes.insert(bytes.begin(), 32 - bytes.size(), 0);
    return encodeBase64Url(bytes);
  }
  Json rsaJwk() const {
    return Json::object({{"kty", "RSA"},
                         {"kid", "rsa"},
                         {"use", "sig"},
                         {"n", number("rsa", OSSL_PKEY_PARAM_RSA_N)},
                         {"e", number("rsa", OSSL_PKEY_PARAM_RSA_E)}});
  }
  Json ecJwk() const {
    return Json::object({{"kty", "EC"},
                         {"crv", "P-256"},
                         {"kid", "ec"},
                         {"alg", "ES256"},
                         {"x", number("ec", OSSL_PKEY_PARAM_EC_PUB_X)},
                         {"y", number("ec", OSSL_PKEY_PARAM_EC_PUB_Y)}});
  }
  Json edJwk() const {
    Bytes bytes(32);
    std::size_t size = bytes.size();
    EVP_PKEY_get_raw_public_key(keys_.at("ed").get(), bytes.data(), &size);
    return Json::object(
        {{"kty", "OKP"}, {"crv", "Ed25519"}, {"kid", "ed"}, {"x", encodeBase64Url(bytes)}});
  }

  std::map<std::string, Key> keys_;
};

}  // namespace scanhost
