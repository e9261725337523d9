// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// The last lines of the event log, oldest first, from where they can be had.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

namespace scanhost::ctl {

/// What the unit scanhost wrote to the journal, at most 2,000 lines of it. Throws
/// std::runtime_error with the reason where there is no journal or nothing of ours in it.
std::string eventsOfJournal();
/// The messages in what `journalctl -o json -r` writes, turned round.
std::string messagesOf(std::string_view newest_first);

/// The last 2 MiB of a file, from the first whole line on. Throws std::runtime_error.
std::string eventsOfFile(const std::filesystem::path& file);

}  // namespace scanhost::ctl
