// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// What is worth a notice among the host's events, and what a notice says of it.
///
/// A body holds chosen fields of the event and no others, each of bounded length: what a later
/// version of the host adds to its log goes to nobody outside by itself.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace scanhost::webhook {

enum class NoticeKind { task_ended, scanner_suspended, scope_refused };

struct Notice {
  std::string id;  ///< the same for the same event, however often it is offered
  NoticeKind kind = NoticeKind::task_ended;
  std::string body;  ///< JSON: type, timestamp, data
};

/// Nothing for an event that is none's business. `line` is the whole event, a JSON object.
std::optional<Notice> noticeOf(std::string_view event, std::string_view line);

}  // namespace scanhost::webhook
