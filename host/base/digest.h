// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// SHA-256 (FIPS 180-4), for identities and pins.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

struct evp_md_ctx_st;  // OpenSSL's EVP_MD_CTX

namespace scanhost {

/// Safe to call from any thread; `toHex` of host/base/random.h writes it as text.
std::array<std::uint8_t, 32> sha256(std::string_view bytes);

/// The same of a text that comes in parts. One thread at a time.
class Sha256 {
 public:
  Sha256();
  ~Sha256();
  Sha256(const Sha256&) = delete;
  Sha256& operator=(const Sha256&) = delete;

  void update(std::string_view bytes);
  /// Of all parts; nothing may follow.
  std::array<std::uint8_t, 32> finish();

 private:
  evp_md_ctx_st* context_;
};

}  // namespace scanhost
