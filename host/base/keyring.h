// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// The node's keys: sealing what must pass through hands that may not read it.
///
/// Secrets of a submission are sealed before they reach the queue, handles and cursors before they
/// reach a client. Sealed text names its key, so that keys can be changed while old text is about.
/// The key file is made at first start; nodes that share a queue share the file.
///
/// AES-256-GCM with a random 96-bit nonce (NIST SP 800-38D) under a key derived per purpose, so
/// that text sealed for one purpose opens for no other; HMAC-SHA-256 (RFC 2104) for digests.
/// Immutable once loaded: share it between threads freely.
#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "host/base/result.h"

namespace scanhost {

class Keyring {
 public:
  /// Reads the key file. It must be a regular file that only its owner may read.
  static Result<Keyring> load(const std::filesystem::path& file);
  /// Reads it, or makes one with a single new key, durably, when there is none.
  static Result<Keyring> loadOrCreate(const std::filesystem::path& file);

  /// With a single new key that no other process has, for what nobody else must open.
  static Keyring fresh();

  ~Keyring();
  Keyring(Keyring&&) = default;
  Keyring& operator=(Keyring&&) = default;

  /// Seals under the current key. `purpose` says what for ("task-secrets"); `context` what it is
  /// bound to (the task id): the same two are needed to open it. The text is URL-safe ASCII.
  std::string seal(std::string_view purpose, std::string_view context,
                   std::string_view secret) const;
  /// The other way. Config when the key is unknown, auth when the text was altered or belongs to
  /// another context.
  Result<std::string> open(std::string_view purpose, std::string_view context,
                           std::string_view sealed) const;

  /// The id of the key that opens the text, where this node does not have it.
  std::optional<std::string> missingKey(std::string_view sealed) const;

  /// A keyed digest in lowercase hexadecimal, under the first key, so that it stays the same when a
  /// key is added.
  std::string digest(std::string_view purpose, std::string_view text) const;

 private:
  struct Key {
    std::string id;
    std::array<std::uint8_t, 32> bytes{};
  };

  /// Sealed text, taken apart.
  struct Sealed {
    std::string key_id;
    std::vector<std::uint8_t> bytes;
  };

  Keyring() = default;
  static Result<Keyring> parse(std::string_view json, const std::filesystem::path& file);
  static std::optional<Sealed> takeApart(std::string_view sealed);
  const Key* find(std::string_view id) const;

  std::vector<Key> keys_;  ///< the last one is current
};

}  // namespace scanhost
