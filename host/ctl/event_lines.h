// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// The last lines of the event log, oldest first, from where they can be had.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

namespace scanhost::ctl {

/// What of a journal is no event: what programs print, and what systemd tells of the unit. It is
/// free text, in which nobody can tell a target or a name.
enum class OtherLines { shown, left_out };

/// What the unit scanhost wrote to the journal, of the last 2,000 entries at most 2 MiB. Throws
/// std::runtime_error with the reason where there is no journal or nothing of ours in it.
std::string eventsOfJournal(OtherLines others);
/// Events as lines of JSON, oldest first, from what `journalctl -o json -r` writes: from the fields
/// of exporter-jsonlog's output journald, or a message that is one, as its output stdout leaves.
std::string eventsOfEntries(std::string_view newest_first, OtherLines others);

/// The last 2 MiB of a file, from the first whole line on. Throws std::runtime_error.
std::string eventsOfFile(const std::filesystem::path& file);

}  // namespace scanhost::ctl
