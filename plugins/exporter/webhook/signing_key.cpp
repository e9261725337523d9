// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "plugins/exporter/webhook/signing_key.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <stdexcept>

namespace scanhost::webhook {
namespace {

constexpr std::string_view prefix = "whsec_";

const unsigned char* bytesOf(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

std::string toBase64(std::string_view bytes) {
  std::string text((bytes.size() + 2) / 3 * 4 + 1, '\0');  // OpenSSL ends it with a zero
  const int size = EVP_EncodeBlock(reinterpret_cast<unsigned char*>(text.data()), bytesOf(bytes),
                                   static_cast<int>(bytes.size()));
  text.resize(static_cast<std::size_t>(size));
  return text;
}

/// Strictly: OpenSSL's reader overlooks spaces and counts padding as bytes.
std::optional<std::string> fromBase64(std::string_view text) {
  if (text.size() % 4 != 0 || text.size() > 1024) return std::nullopt;
  std::string bytes(text.size() / 4 * 3, '\0');
  const int size = EVP_DecodeBlock(reinterpret_cast<unsigned char*>(bytes.data()), bytesOf(text),
                                   static_cast<int>(text.size()));
  if (size < 0) return std::nullopt;
  for (std::string_view rest = text; rest.ends_with('='); rest.remove_suffix(1)) bytes.pop_back();
  if (toBase64(bytes) != text) return std::nullopt;
  return bytes;
}

}  // namespace

std::optional<SigningKey> SigningKey::read(std::string_view secret) {
  if (!secret.starts_with(prefix)) return std::nullopt;
  auto bytes = fromBase64(secret.substr(prefix.size()));
  if (!bytes || bytes->size() < least_bytes || bytes->size() > most_bytes) return std::nullopt;
  return SigningKey(std::move(*bytes));
}

std::string SigningKey::sign(std::string_view id, std::int64_t seconds,
                             std::string_view body) const {
  const std::string content =
      std::string(id) + "." + std::to_string(seconds) + "." + std::string(body);
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned int size = 0;
  if (!HMAC(EVP_sha256(), bytes_.data(), static_cast<int>(bytes_.size()), bytesOf(content),
            content.size(), digest, &size))
    throw std::runtime_error("OpenSSL makes no HMAC");
  return "v1," + toBase64({reinterpret_cast<const char*>(digest), size});
}

}  // namespace scanhost::webhook
