// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// The host's own view of a task, as the two JSON texts that a queue stores and never reads:
/// what was asked for, written once, and how far it is, written by the lease holder.
///
/// Both begin with a version. Members that this version does not know are kept when a document is
/// read and written again, so that two versions can share a queue. Secrets stand here only sealed.
#pragma once

#include <scanhost/json.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "host/base/result.h"
#include "host/base/time.h"

namespace scanhost {

struct SubmissionDocument {
  std::string name, description;
  std::string targets;         ///< as the client gave them
  std::string scan_type;       ///< "untrusted", "authenticated", "authenticated_privileged"
  std::string scanner_type;    ///< plugin name after "scanner-"
  std::string schema_profile;  ///< recorded only
  std::string scan_template;   ///< empty: the pool's default
  /// What the template stood for when the scan was asked for, so that every node launches the same;
  /// empty when no template was named.
  std::string sealed_settings;
  std::string credential;    ///< "cred:<name>"; empty when none or sealed
  std::string sealed_login;  ///< a login of the client's own; empty when none
  /// W3C, of the call that asked for it: what is done for the scan is part of that. Empty when the
  /// call had no span.
  std::string traceparent;
  /// The queue lost the task and was given it again, or may have lost what was written about it: a
  /// launch may have been made before.
  bool resubmitted = false;
  Json unknown = Json::object();

  std::string toText() const;
  static Result<SubmissionDocument> parse(std::string_view text, std::string_view task_id);
};

struct ProgressDocument {
  std::optional<int> percent;
  std::string scanner_status;  ///< the scanner's own word; empty before the first poll
  std::optional<Timestamp> polled_at;
  std::string scanner_error;             ///< of a failed poll; empty after a good one
  std::optional<Timestamp> launched_at;  ///< of this launch: running time counts from here
  std::optional<Timestamp> paused_at;
  std::int64_t paused_us = 0;             ///< of pauses that ended
  bool pause_asked = false;               ///< before a pause is sent: one seen later is then ours
  std::optional<Timestamp> ending_since;  ///< its end is wanted, and its scan may still run
  int announced_percent = 0;              ///< 25, 50, 75, 100: the last scan_progress event
  std::string authentication_status;      ///< empty until known
  std::vector<std::string> warnings;
  Json results_summary;  ///< when findings are stored; else null
  Json coverage;         ///< else null
  Json unknown = Json::object();

  std::string toText() const;
  /// An empty text is the document of a task that has not begun.
  static Result<ProgressDocument> parse(std::string_view text, std::string_view task_id);
};

}  // namespace scanhost
