// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// What clients asked for and what came of it, so that a test can prove that a scan was launched
/// exactly once.
///
/// Bodies of requests are not kept. Credentials that arrive are kept as SHA-256 digests only.
/// Safe to call from any thread.
#pragma once

#include <scanhost/json.h>

#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "host/base/time.h"

namespace scanhost::simulator {

struct JournalEntry {
  Timestamp time;
  std::string method;
  std::string path;
  std::string query;
  int status = 0;  ///< 0: the connection was dropped before an answer
  std::string effect = "none";
  std::optional<std::int64_t> scan_id;
  std::string name;
  std::string fault;
};

class Journal {
 public:
  /// Numbers the entry and keeps it.
  void add(JournalEntry entry);
  /// {"entries":[...]}, those whose number is above `after`.
  Json entries(std::int64_t after = 0) const;

  /// Notes every text below `credentials`, under its path ("Host.SSH[0].password").
  void addCredentials(std::optional<std::int64_t> scan_id, const Json& credentials,
                      const std::string& path = {});
  /// {"credentials":[{"scan_id","path","sha256"}]}
  Json credentials() const;

 private:
  struct SeenCredential {
    std::optional<std::int64_t> scan_id;
    std::string path;
    std::string sha256;
  };

  mutable std::mutex mutex_;
  std::vector<JournalEntry> entries_;
  std::vector<SeenCredential> credentials_;
};

/// Lowercase hexadecimal SHA-256.
std::string sha256Hex(std::string_view bytes);

}  // namespace scanhost::simulator
