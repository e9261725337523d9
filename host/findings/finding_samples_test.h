// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// Findings for tests: complete enough to be believable, with what a test is about set by the test.
#pragma once

#include <string>

#include "host/findings/finding.h"

namespace scanhost {

inline Finding sampleFinding(std::string plugin_id = "12345",
                             Severity severity = Severity::critical) {
  Finding finding;
  finding.host = "10.0.0.7";
  finding.port = "443";
  finding.service = "www";
  finding.check_id = std::move(plugin_id);
  finding.check_name = "OpenSSL < 3.0.7";
  finding.family = "Web Servers";
  finding.severity = severity;
  finding.cvss3_base_score = 9.8;
  finding.cve = {"CVE-2021-0001", "CVE-2021-0002"};
  finding.synopsis = "The remote service is affected.";
  finding.description = "Long text.";
  finding.solution = "Upgrade.";
  finding.exploit_available = 1;
  return finding;
}

}  // namespace scanhost
