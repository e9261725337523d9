// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// The checks the simulator pretends to run: numbers and names as the real product uses them,
/// texts of our own. Constant data, readable from any thread.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace scanhost::simulator {

/// On which hosts a check can fire.
enum class Fits { any, linux_host, windows_host };
/// Whether it needs a login on the host.
enum class Reach { remote, local };

struct Check {
  std::int64_t id;
  const char* name;
  const char* family;
  int severity;      ///< 0 to 4, by CVSSv3
  const char* risk;  ///< risk_factor, by CVSSv2: the two may differ
  int port;
  const char* service;
  Fits fits;
  Reach reach;
  const char* synopsis;
  const char* solution;
  const char* cvss2_score;  ///< empty: none
  const char* cvss2_vector;
  const char* cvss3_score;
  const char* cvss3_vector;
  const char* cves;   ///< separated by spaces
  const char* xrefs;  ///< separated by spaces
  const char* see_also;
  const char* output;
};

/// Weaknesses that a generated host may have.
std::span<const Check> weaknesses();
/// The informational checks that every host, or every login, leaves behind.
std::span<const Check> facts();
/// Any check by its plugin id; null when there is none.
const Check* findCheck(std::int64_t id);

/// The child elements of a ReportItem that describe `check`, in the product's order.
std::vector<std::pair<std::string, std::string>> checkFields(const Check& check);

/// Families in order of their name; the id of a family is its index plus one.
const std::vector<std::string>& families();

}  // namespace scanhost::simulator
