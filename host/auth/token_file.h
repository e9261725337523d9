// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// The file of bearer tokens: who holds one, with which roles, until when. It holds no token, only
/// the SHA-256 of each (docs/decisions/012-who-may-ask.md).
///
///     {"version":1,"tokens":[
///     {"name":"ci","sha256":"<64 digits>","roles":["client"],"created":"…Z","expires":null}
///     ]}
///
/// A regular file that its owner alone may read or write. It is replaced as a whole, never written
/// in place, so that a reader sees the old list or the new one; writers take turns by a lock on its
/// folder.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "host/base/caller.h"
#include "host/base/result.h"
#include "host/base/time.h"

namespace scanhost {

struct TokenRecord {
  std::string name;  ///< the caller's subject
  std::array<std::uint8_t, 32> sha256{};
  std::set<Role> roles;
  Timestamp created;
  Timestamp expires;  ///< zero: never
};

/// Tokens that one file may hold: each request is compared with all of them.
inline constexpr std::size_t max_tokens = 1'000;

/// Whether a text looks like one of our tokens; what they begin with is for tools that search for
/// secrets where none should be.
bool looksLikeToken(std::string_view text);

/// Class config, and says what to do, when the file is missing, open to others, or malformed.
Result<std::vector<TokenRecord>> readTokenFile(const std::filesystem::path& file);

struct NewToken {
  std::string name;
  std::set<Role> roles;
  std::optional<std::chrono::milliseconds> lifetime;
};
/// Adds a record, to a new file where there is none, and answers the token, which is nowhere else.
Result<std::string> createToken(const std::filesystem::path& file, const NewToken& wanted);
/// Removes the record of that name.
Status revokeToken(const std::filesystem::path& file, std::string_view name);

}  // namespace scanhost
