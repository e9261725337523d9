// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// Whether an audit ledger is whole: every line unaltered, in its place, none missing. Reads files
/// only, also those of a ledger that is being written.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "host/base/unique_fd.h"
#include "host/policy/audit_entry.h"

namespace scanhost {

/// Where the files of a ledger lie in its folder.
struct LedgerFiles {
  explicit LedgerFiles(std::filesystem::path folder_of_it) : folder(std::move(folder_of_it)) {}

  std::filesystem::path current() const { return folder / "ledger.jsonl"; }
  /// Tells the last entry in few bytes, so that it shows when the end of the ledger is missing.
  std::filesystem::path head() const { return folder / "ledger.head"; }
  /// The name of a full file, by its first entry.
  std::filesystem::path full(std::uint64_t first_sequence) const;
  /// Full files, oldest first, then the current one where it exists.
  std::vector<std::filesystem::path> all() const;

  std::filesystem::path folder;
};

/// The first entry of a full file, by its name.
std::optional<std::uint64_t> firstSequenceIn(const std::filesystem::path& file);

/// Never waits and follows no link, whatever was put there; unset, with errno, when it fails.
UniqueFd openToRead(const std::filesystem::path& file);

std::string headText(const ChainEnd& end);
std::optional<ChainEnd> readHead(const std::filesystem::path& file);

struct LedgerProblem {
  std::filesystem::path file;
  std::size_t line = 0;  ///< from 1; 0: the file as a whole
  std::string what;

  /// "FILE:LINE: what"
  std::string text() const;
};

/// One file, held against where the chain stood before it.
struct FileReport {
  std::vector<LedgerProblem> problems;  ///< at most max_ledger_problems
  ChainEnd end;                         ///< after the last line that could be read
  std::uint64_t first_sequence = 0;     ///< 0: none
  std::uint64_t entries = 0;
  std::uint64_t whole_bytes = 0;  ///< up to the end of the last whole line
  std::uint64_t torn_bytes = 0;   ///< behind it: a line without its end
};
inline constexpr std::size_t max_ledger_problems = 20;

/// `before` absent: the first line is believed. After a problem the chain is followed from the next
/// line that can be read, so that one alteration is told once.
Result<FileReport> checkLedgerFile(const std::filesystem::path& file,
                                   const std::optional<ChainEnd>& before);

struct LedgerReport {
  std::vector<LedgerProblem> problems;
  ChainEnd end;
  std::uint64_t first_sequence = 0;
  std::uint64_t entries = 0;
  std::uint64_t torn_bytes = 0;  ///< at the end: of a line that is being written, or never was
  std::size_t files = 0;
};

/// What is wrong with the last entry, by what the head tells; empty: nothing. A head is on stable
/// storage before the first entry is written, so where there are entries there must be one.
std::string faultOfEnd(const ChainEnd& end, const std::optional<ChainEnd>& head);

/// Whether the ledger must begin with its first entry, or older files may have been taken away.
enum class LedgerStart { first_entry, anywhere };

/// All of it. An error only where there is no ledger to read, and none that a head tells of.
Result<LedgerReport> checkLedger(const std::filesystem::path& folder, LedgerStart start);

}  // namespace scanhost
