// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "host/base/keyring.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <scanhost/json.h>

#include <algorithm>
#include <memory>
#include <optional>
#include <stdexcept>

#include "host/base/base64.h"
#include "host/base/durable_file.h"
#include "host/base/private_file.h"
#include "host/base/random.h"

namespace scanhost {
namespace {

constexpr std::size_t nonce_size = 12;
constexpr std::size_t tag_size = 16;

using Bytes = std::vector<std::uint8_t>;
using CipherContext = std::unique_ptr<EVP_CIPHER_CTX, decltype(&EVP_CIPHER_CTX_free)>;

const std::uint8_t* asBytes(std::string_view text) {
  return reinterpret_cast<const std::uint8_t*>(text.data());
}

std::array<std::uint8_t, 32> hmac(const std::array<std::uint8_t, 32>& key, std::string_view text) {
  std::array<std::uint8_t, 32> out{};
  unsigned int size = 0;
  if (!HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()), asBytes(text), text.size(),
            out.data(), &size))
    throw std::runtime_error("HMAC-SHA-256 failed");
  return out;
}

/// A key that was written by hand may be in the older alphabet, and padded.
std::string withoutPadding(std::string text) {
  while (!text.empty() && text.back() == '=') text.pop_back();
  std::replace(text.begin(), text.end(), '+', '-');
  std::replace(text.begin(), text.end(), '/', '_');
  return text;
}

/// A field with its length before it, so that two fields never read as one.
std::string framed(std::string_view a, std::string_view b) {
  return std::to_string(a.size()) + ":" + std::string(a) + std::string(b);
}

}  // namespace

Keyring::~Keyring() {
  for (Key& key : keys_) OPENSSL_cleanse(key.bytes.data(), key.bytes.size());
}

Result<Keyring> Keyring::load(const std::filesystem::path& file) {
  auto text = readPrivateFile(file, "key file");
  if (!text) return tl::unexpected<Error>(std::move(text.error()));
  auto ring = parse(*text, file);
  OPENSSL_cleanse(text->data(), text->size());
  return ring;
}

Result<Keyring> Keyring::loadOrCreate(const std::filesystem::path& file) {
  std::error_code ignored;
  if (std::filesystem::exists(file, ignored)) return load(file);
  Bytes secret(32);
  fillRandom(secret);
  const Json document =
      Json::object({{"version", 1},
                    {"keys", Json::array({Json::object({{"id", toHex(randomBytes<4>())},
                                                        {"secret", encodeBase64Url(secret)}})})}});
  if (const Status written = writeDurably(file, document.dump() + "\n", 0600); !written)
    return tl::unexpected<Error>(written.error());
  return load(file);
}

Keyring Keyring::fresh() {
  Keyring ring;
  ring.keys_.emplace_back().id = toHex(randomBytes<4>());
  fillRandom(ring.keys_.back().bytes);
  return ring;
}

Result<Keyring> Keyring::parse(std::string_view json, const std::filesystem::path& file) {
  const auto bad = [&](const char* what) {
    return fail(ErrorClass::config, "key file " + file.string() + ": " + what);
  };
  const auto document = Json::tryParse(json);
  if (!document || (*document)["version"].asInteger() != 1)
    return bad("not a key file of version 1");
  Keyring ring;
  for (const Json& entry : (*document)["keys"].items()) {
    const auto bytes = decodeBase64Url(withoutPadding(entry["secret"].asString()));
    Key key;
    key.id = entry["id"].asString();
    if (!bytes || bytes->size() != key.bytes.size() || key.id.empty() || key.id.size() > 32 ||
        key.id.find('.') != std::string::npos)
      return bad("each key needs an id without dots and a secret of 32 bytes in base64");
    std::copy(bytes->begin(), bytes->end(), key.bytes.begin());
    ring.keys_.push_back(std::move(key));
  }
  if (ring.keys_.empty()) return bad("it holds no key");
  return ring;
}

std::string Keyring::seal(std::string_view purpose, std::string_view context,
                          std::string_view secret) const {
  const Key& key = keys_.back();
  const auto derived = hmac(key.bytes, framed("seal", purpose));
  Bytes out(nonce_size + secret.size() + tag_size);
  fillRandom(std::span(out).first(nonce_size));

  const CipherContext cipher(EVP_CIPHER_CTX_new(), &EVP_CIPHER_CTX_free);
  int length = 0;
  const bool sealed =
      cipher &&
      EVP_EncryptInit_ex(cipher.get(), EVP_aes_256_gcm(), nullptr, derived.data(), out.data()) ==
          1 &&
      EVP_EncryptUpdate(cipher.get(), nullptr, &length, asBytes(context),
                        static_cast<int>(context.size())) == 1 &&
      EVP_EncryptUpdate(cipher.get(), out.data() + nonce_size, &length, asBytes(secret),
                        static_cast<int>(secret.size())) == 1 &&
      EVP_EncryptFinal_ex(cipher.get(), out.data() + nonce_size + secret.size(), &length) == 1 &&
      EVP_CIPHER_CTX_ctrl(cipher.get(), EVP_CTRL_GCM_GET_TAG, tag_size,
                          out.data() + nonce_size + secret.size()) == 1;
  if (!sealed) throw std::runtime_error("AES-256-GCM failed");
  return "1." + key.id + "." + encodeBase64Url(out);
}

std::optional<Keyring::Sealed> Keyring::takeApart(std::string_view sealed) {
  if (sealed.substr(0, 2) != "1.") return std::nullopt;
  sealed.remove_prefix(2);
  const std::size_t dot = sealed.find('.');
  if (dot == std::string_view::npos) return std::nullopt;
  auto bytes = decodeBase64Url(sealed.substr(dot + 1));
  if (!bytes || bytes->size() < nonce_size + tag_size) return std::nullopt;
  return Sealed{std::string(sealed.substr(0, dot)), std::move(*bytes)};
}

const Keyring::Key* Keyring::find(std::string_view id) const {
  const auto key =
      std::find_if(keys_.begin(), keys_.end(), [&](const Key& k) { return k.id == id; });
  return key == keys_.end() ? nullptr : &*key;
}

std::optional<std::string> Keyring::missingKey(std::string_view sealed) const {
  auto parts = takeApart(sealed);
  if (!parts || find(parts->key_id)) return std::nullopt;
  return std::move(parts->key_id);
}

Result<std::string> Keyring::open(std::string_view purpose, std::string_view context,
                                  std::string_view sealed) const {
  const auto parts = takeApart(sealed);
  if (!parts) return fail(ErrorClass::auth, "sealed text is malformed");
  const Key* key = find(parts->key_id);
  if (!key)
    return fail(ErrorClass::config,
                "sealed by a key this node does not have; all nodes of one queue need the same "
                "node.key_file");

  const Bytes& bytes = parts->bytes;
  const auto derived = hmac(key->bytes, framed("seal", purpose));
  const std::size_t size = bytes.size() - nonce_size - tag_size;
  Bytes tag(bytes.end() - tag_size, bytes.end());
  std::string secret(size, '\0');
  auto* out = reinterpret_cast<unsigned char*>(secret.data());
  const CipherContext cipher(EVP_CIPHER_CTX_new(), &EVP_CIPHER_CTX_free);
  int length = 0;
  const bool opened =
      cipher &&
      EVP_DecryptInit_ex(cipher.get(), EVP_aes_256_gcm(), nullptr, derived.data(), bytes.data()) ==
          1 &&
      EVP_DecryptUpdate(cipher.get(), nullptr, &length, asBytes(context),
                        static_cast<int>(context.size())) == 1 &&
      EVP_DecryptUpdate(cipher.get(), out, &length, bytes.data() + nonce_size,
                        static_cast<int>(size)) == 1 &&
      EVP_CIPHER_CTX_ctrl(cipher.get(), EVP_CTRL_GCM_SET_TAG, tag_size, tag.data()) == 1 &&
      EVP_DecryptFinal_ex(cipher.get(), out + size, &length) == 1;
  if (!opened) return fail(ErrorClass::auth, "sealed text was altered or belongs elsewhere");
  return secret;
}

std::string Keyring::digest(std::string_view purpose, std::string_view text) const {
  return toHex(hmac(hmac(keys_.front().bytes, framed("digest", purpose)), text));
}

}  // namespace scanhost
