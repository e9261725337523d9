// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// Addresses of what the service has to read: scans, their findings, their reports.
#pragma once

#include <scanhost/operations.h>

#include <optional>
#include <string>
#include <string_view>

namespace scanhost {

inline constexpr std::string_view scans_uri = "scanhost://scans";

struct ScanUri {
  enum class Part { status, findings, report };
  std::string task_id;
  Part part = Part::status;
  std::string cursor;  ///< of findings: the page behind it; empty: the first
};

/// "scanhost://scans/<id>", ".../findings", ".../findings/<cursor>", ".../report".
std::optional<ScanUri> readScanUri(std::string_view uri);
std::string scanUri(std::string_view task_id);

/// As links from an answer.
ResourceInfo scanResource(const std::string& task_id);
ResourceInfo findingsResource(const std::string& task_id);

}  // namespace scanhost
