// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// Misbehaviour on order: which requests go wrong, and how.
///
/// A rule names requests by method and path; the first live rule that matches a request is
/// applied to it and to no other. Rules come from a file at start or over HTTP later.
#pragma once

#include <Poco/RegularExpression.h>
#include <scanhost/json.h>

#include <chrono>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "host/base/result.h"

namespace scanhost::simulator {

enum class FaultKind {
  delay,        ///< waits, then acts and answers
  delay_after,  ///< acts, waits, then answers
  drop_before,  ///< closes the connection without acting
  drop_after,   ///< acts, then closes the connection without an answer
  status,       ///< answers with a status, without acting
  broken_412,   ///< answers the head of a 412 and closes before its body, without acting
  loading,      ///< answers as a server that still starts, without acting
  truncate,     ///< acts, and closes the connection half-way through the body
  cut_file,     ///< acts, and answers the first half of the body as if it were all of it
  vanish,       ///< deletes the scan named in the path (all scans when none is), then acts
};

const char* faultName(FaultKind kind);

struct Fault {
  FaultKind kind = FaultKind::delay;
  std::chrono::milliseconds delay{0};  ///< before acting; for delay_after, after it
  int status = 0;
  std::optional<int> retry_after;   ///< seconds
  std::optional<std::string> body;  ///< instead of {"error":...}
};

struct FaultRule {
  std::string method;                                   ///< empty: any
  std::shared_ptr<const Poco::RegularExpression> path;  ///< matches the whole path
  std::int64_t times = 1;                               ///< how often it applies; 0: for ever
  std::int64_t after = 0;                               ///< matching requests to let pass first
  Fault fault;
};

/// Reads a list of rules. An error names the rule by its place and the member that is wrong.
Result<std::vector<FaultRule>> readFaultRules(const Json& document);
Result<std::vector<FaultRule>> readFaultFile(const std::string& path);

/// The rules in force. Safe to call from any thread.
class FaultPlan {
 public:
  explicit FaultPlan(std::vector<FaultRule> rules = {}) { replace(std::move(rules)); }

  void replace(std::vector<FaultRule> rules);
  /// Counts the request against every rule that matches it and answers what is to go wrong.
  std::optional<Fault> next(std::string_view method, const std::string& path);

 private:
  struct Counted {
    FaultRule rule;
    std::int64_t matched = 0;
    std::int64_t applied = 0;
  };

  std::mutex mutex_;
  std::vector<Counted> rules_;
};

}  // namespace scanhost::simulator
