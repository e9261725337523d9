// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// What the service answers, as values. Each keeps the whole answer in `json`; the members name
/// what most callers want. Text in them comes from scanners and targets: escape it where shown.
#ifndef SCANHOST_CLIENT_ANSWERS_H
#define SCANHOST_CLIENT_ANSWERS_H

#include <scanhost/json.h>

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace scanhost::client {
inline namespace v1 {

/// A scan that the queue holds now.
struct SubmittedScan {
  std::string task_id;
  std::string trace_id;
  std::string status;
  std::string scanner_pool;
  std::string scanner_instance;
  bool idempotent = false;  ///< an earlier submission with this key was found, none was made
  std::optional<int> queue_position;          ///< from 1; absent for an idempotent one
  std::optional<int> estimated_wait_minutes;  ///< absent for an idempotent one
  std::string idempotency_key;                ///< the one given, or the one the library made
  Json json;
};

struct ScanStatus {
  std::string task_id;
  std::string status;  ///< queued, running, paused, completed, failed, timeout or cancelled
  std::optional<int> progress;  ///< 0 to 100; absent before the scanner was first asked
  std::string scanner_status;   ///< the scanner's own word; empty before the first poll
  std::string error_message;    ///< empty unless something went wrong
  Json json;

  /// True for completed, failed, timeout and cancelled.
  bool terminal() const noexcept;
  bool completed() const noexcept { return status == "completed"; }
};

/// One page of findings, read from the JSON-NL lines.
struct ResultsPage {
  Json schema;         ///< the first line: profile, fields, total_vulnerabilities, complete, ...
  Json scan_metadata;  ///< the second: scan_name, status, authentication_status, coverage
  std::vector<Json> findings;  ///< or groups, when group_by was given
  Json pagination;             ///< the last; null for page 0, which holds everything
  std::string text;            ///< the lines as they came

  /// Empty when this page is the last.
  const std::string& next_cursor() const noexcept { return pagination["next_cursor"].asString(); }
};

/// "1" (low) to "4" (critical) -> number of findings.
using SeverityCounts = std::map<std::string, long>;

/// An answer of one of the plain HTTP paths, such as /health.
struct ProbeAnswer {
  int http_status = 0;
  std::string body;
};

}  // namespace v1
}  // namespace scanhost::client

#endif
