// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// From what an nmap script says about one port to findings.
#pragma once

#include <scanhost/finding.h>

#include <string>
#include <vector>

namespace scanhost::nmap {

/// A table or element of a script's structured output.
struct ScriptNode {
  std::string key;
  std::string text;  ///< of an element
  bool is_table = false;
  std::vector<ScriptNode> children;

  /// The text of the element with that key; empty when there is none.
  const std::string& operator[](std::string_view name) const noexcept;
  const ScriptNode* table(std::string_view name) const noexcept;
};

struct ScriptResult {
  std::string id;
  std::string output;
  std::vector<ScriptNode> nodes;
};

/// What the script found, each finding with the place (host, port, protocol, service) of `place`.
///
/// A script that reports by nmap's vulns library gives one finding per weakness, with a severity by
/// its state and score; what it says is not vulnerable is none. vulners gives one per CVE, marked
/// as of low confidence, for it only looks up the version that a banner claims. Anything else is
/// one finding, info, with the script's output.
std::vector<FindingRecord> scriptFindings(const ScriptResult& script, const FindingRecord& place);

}  // namespace scanhost::nmap
