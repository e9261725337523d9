// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// The issuer's keys as they are now: from a file, or fetched and kept.
///
/// Keys are fetched on a thread of its own: at the start, every ten minutes, and when a token names
/// a key that is not known, though then at most twice a minute, so that made-up names cost the
/// issuer nothing. A request with an unknown key waits for a fetch for a few seconds at most.
/// Keys that were fetched stay while the issuer cannot be reached; a day later they are dropped.
/// Any thread.
#pragma once

#include <chrono>
#include <condition_variable>
#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "host/auth/jwks.h"
#include "host/base/time.h"

namespace scanhost {

class JwksSource {
 public:
  using Fetch = std::function<Result<std::string>()>;

  /// Keys of a file, read once. Class config.
  static Result<std::unique_ptr<JwksSource>> fromFile(const std::filesystem::path& file);
  /// Keys that `fetch` gets; `on_trouble` hears why it did not, once in a row.
  JwksSource(Fetch fetch, std::function<void(const std::string&)> on_trouble,
             const TimeSource& time = TimeSource::system());
  ~JwksSource();
  JwksSource(const JwksSource&) = delete;
  JwksSource& operator=(const JwksSource&) = delete;

  /// The keys that a token may be signed with: that of the id, or all that suit when it names none.
  /// Transient when there are no keys to look in.
  Result<std::vector<JwksKey>> keysFor(std::string_view key_id, JwtAlgorithm algorithm);

 private:
  explicit JwksSource(Jwks keys);

  using Lock = std::unique_lock<std::mutex>;
  std::vector<JwksKey> find(std::string_view key_id, JwtAlgorithm algorithm) const;
  void waitForFetch(Lock& lock);
  void run();
  void fetchOnce(Lock& lock);

  const Fetch fetch_;
  const std::function<void(const std::string&)> on_trouble_;
  const TimeSource& time_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::shared_ptr<const Jwks> keys_;
  std::chrono::steady_clock::time_point fetched_{};  ///< when keys_ came
  std::chrono::steady_clock::time_point tried_{};
  std::uint64_t fetches_ = 0;
  bool in_trouble_ = false;
  bool wanted_ = true, stopping_ = false;
  std::thread thread_;  // last: it uses all of the above
};

/// Gets a document by HTTP or HTTPS: no redirect is followed, the certificate is verified (by
/// `ca_file`, or the system's authorities), and size and time are bounded.
Result<std::string> fetchDocument(const std::string& url, const std::filesystem::path& ca_file,
                                  std::size_t max_bytes);

}  // namespace scanhost
