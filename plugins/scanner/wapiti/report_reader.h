// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// Turns Wapiti's JSON report on one application into findings.
///
/// Wapiti writes its report when it is done, so it is read as a whole, within `most_report_bytes`.
/// What a site wrote into it (paths, parameters, headers) is data. One weakness that was provoked
/// in several ways is told once.
#pragma once

#include <scanhost/scanner.h>

#include <cstdint>
#include <string>
#include <string_view>

namespace scanhost::wapiti {

constexpr std::uint64_t most_report_bytes = 64u << 20;

/// Where the application was, as its findings tell.
struct Place {
  std::string host;  ///< the address
  std::string port;
  std::string service;  ///< "http" or "https"
  std::string name;     ///< that it was asked by; part of every check_key. Empty: none
};

/// Throws PluginError (transient, "json_invalid: ...") for anything that is not such a report;
/// nothing was told then.
void readReport(std::string_view json, const Place& place, FindingSink& sink);

}  // namespace scanhost::wapiti
