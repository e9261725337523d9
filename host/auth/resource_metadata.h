// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// Tells clients where they get tokens for this service: the documents of RFC 9728, and for clients
/// of before it (MCP 2025-03-26) the way to the issuer's own (RFC 8414).
#pragma once

#include <atomic>
#include <string>
#include <vector>

#include "host/config/config.h"
#include "host/http/options.h"
#include "host/http/route.h"

namespace scanhost {

class ResourceMetadata {
 public:
  /// `config` outlives it.
  explicit ResourceMetadata(const Config& config) : config_(config) {}

  /// The routes that describe the resource at a path of ours; those of the first one also stand
  /// where clients look who know no path. None without auth.oauth. Any thread.
  std::vector<http::Route> describe(const std::string& path);

  /// How refused clients are told.
  http::ChallengeOptions challenge() const;

 private:
  const Config& config_;
  std::atomic<bool> any_{false};
};

}  // namespace scanhost
