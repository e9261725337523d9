// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// tests/simulators/nessus as a child process on a free port, and what tests ask it.
#pragma once

#include <scanhost/json.h>

#include <string>
#include <vector>

#include "tests/support/child_process.h"

namespace scanhost::testing_support {

class NessusSimulator {
 public:
  static constexpr const char* access_key = "AK";
  static constexpr const char* secret_key = "hunter2";

  /// `program` is the built nessus-simulator; `more` joins its command line.
  explicit NessusSimulator(const std::string& program, const std::vector<std::string>& more = {});

  std::string url() const { return "https://127.0.0.1:" + std::to_string(port_); }
  /// SHA-256 of its certificate, in hex.
  const std::string& fingerprint() const { return fingerprint_; }
  pid_t pid() const { return process_.pid(); }
  /// From now on it holds connections and answers nothing.
  void hang() const;

  /// Calls its API with the keys; null when the answer is no JSON.
  Json call(const std::string& method, const std::string& path, const std::string& body = {}) const;
  /// Replaces the fault rules.
  void misbehave(const std::string& rules) const { call("POST", "/simulator/faults", rules); }
  /// How many requests had that effect (tests/simulators/nessus/README.md lists them).
  int count(const std::string& effect) const;
  int countRequests(const std::string& method, const std::string& path) const;
  /// How many scans are under way.
  int running() const;
  bool hasScan(const std::string& id) const;
  /// A scan of somebody else's, as the user interface would make it, not launched; its id.
  std::string addForeignScan(const std::string& name) const;

 private:
  ChildProcess process_;
  unsigned short port_ = 0;
  std::string fingerprint_;
};

}  // namespace scanhost::testing_support
