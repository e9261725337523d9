// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "host/operations/scan_uris.h"

namespace scanhost {

std::optional<ScanUri> readScanUri(std::string_view uri) {
  const std::string prefix = std::string(scans_uri) + "/";
  if (uri.substr(0, prefix.size()) != prefix) return std::nullopt;
  uri.remove_prefix(prefix.size());
  const std::size_t slash = uri.find('/');
  ScanUri read{std::string(uri.substr(0, slash)), ScanUri::Part::status, {}};
  if (read.task_id.empty()) return std::nullopt;
  if (slash == std::string_view::npos) return read;
  const std::string_view rest = uri.substr(slash + 1);
  constexpr std::string_view findings = "findings";
  if (rest == "report") {
    read.part = ScanUri::Part::report;
  } else if (rest == findings) {
    read.part = ScanUri::Part::findings;
  } else if (rest.substr(0, findings.size() + 1) == "findings/" &&
             rest.size() > findings.size() + 1) {
    read.part = ScanUri::Part::findings;
    read.cursor = rest.substr(findings.size() + 1);
  } else {
    return std::nullopt;
  }
  return read;
}

std::string scanUri(std::string_view task_id) {
  return std::string(scans_uri) + "/" + std::string(task_id);
}

ResourceInfo scanResource(const std::string& task_id) {
  return {scanUri(task_id), task_id, "State of the scan", {}, "application/json"};
}

ResourceInfo findingsResource(const std::string& task_id) {
  return {scanUri(task_id) + "/findings",
          task_id + " findings",
          "Findings of the scan",
          {},
          "application/x-ndjson"};
}

}  // namespace scanhost
