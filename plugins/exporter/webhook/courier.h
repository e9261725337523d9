// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// Brings one notice to the receiver, signed, and says what came of it. For one thread.
#pragma once

#include <scanhost/call.h>

#include <chrono>
#include <string>

#include "plugins/exporter/webhook/config.h"
#include "plugins/exporter/webhook/notice.h"

namespace scanhost::webhook {

struct Attempt {
  enum class Result {
    delivered,  ///< 2xx
    refused,    ///< 4xx: it would be refused again
    gone,       ///< 410: the receiver wants nothing more
    failed,     ///< anything else: it may pass
  };
  Result result = Result::failed;
  std::string why;                     ///< for an operator, unless delivered
  std::chrono::seconds retry_after{};  ///< what the receiver asked for
};

class Courier {
 public:
  /// Throws PluginError (config) for a CA file that cannot be read.
  explicit Courier(const Config& config) : key_(config.key), client_(config.target) {}

  Attempt bring(const Notice& notice, Call& call);
  /// "https://receiver:443"
  std::string receiver() const { return client_.url(); }

 private:
  const SigningKey key_;
  http_client::PostClient client_;
};

}  // namespace scanhost::webhook
