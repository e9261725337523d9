// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// An event as an entry of systemd's journal, in its native protocol
/// (https://systemd.io/JOURNAL_NATIVE_PROTOCOL): one field after another, values of any bytes.
#pragma once

#include <scanhost/abi/exporter.h>

#include <string>
#include <string_view>

namespace scanhost {

/// MESSAGE (the event's name and its plain fields, shortened), PRIORITY, SYSLOG_IDENTIFIER, and
/// each member of the event's line as SCANHOST_<NAME>: text as it is, numbers and the rest as JSON;
/// null is left out. An event whose line is no JSON object has that line as its MESSAGE.
std::string journalEntry(const scanhost_logged_event& event);

/// The entry of one that is too big for this machine's sockets: its size in place of its fields.
std::string shortJournalEntry(const scanhost_logged_event& event);

/// "task_id" -> "SCANHOST_TASK_ID": letters, digits and underscores, at most 64 of them.
std::string journalFieldName(std::string_view name);

}  // namespace scanhost
