// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "host/policy/ledger_check.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <sstream>
#include <utility>

#include "host/base/unique_fd.h"

namespace scanhost {
namespace {

constexpr std::string_view full_prefix = "ledger-";
constexpr std::string_view suffix = ".jsonl";
constexpr std::size_t sequence_digits = 12;
constexpr std::size_t read_step = 256u << 10;

std::string padded(std::uint64_t number) {
  std::string digits = std::to_string(number);
  return std::string(sequence_digits - std::min(sequence_digits, digits.size()), '0') + digits;
}

std::optional<std::uint64_t> readNumber(std::string_view digits) {
  if (digits.empty() || digits.size() > 18 ||
      digits.find_first_not_of("0123456789") != std::string_view::npos)
    return std::nullopt;
  return std::stoull(std::string(digits));
}

/// Follows the chain through one file, line by line.
class FileCheck {
 public:
  FileCheck(std::filesystem::path file, const std::optional<ChainEnd>& before)
      : file_(std::move(file)), expected_(before) {
    report_.end = before.value_or(ChainEnd{});
  }

  Result<FileReport> run() {
    std::error_code none;
    const auto found = std::filesystem::symlink_status(file_, none);
    if (std::filesystem::exists(found) && !std::filesystem::is_regular_file(found)) {
      complain("it is no regular file");
      return std::move(report_);
    }
    const UniqueFd in = openToRead(file_);
    if (!in) return unreadable();
    std::string step(read_step, '\0');
    for (;;) {
      const ssize_t got = ::read(in.get(), step.data(), step.size());
      if (got < 0 && errno == EINTR) continue;
      if (got < 0) return unreadable();
      if (got == 0) break;
      take(std::string_view(step).substr(0, static_cast<std::size_t>(got)));
    }
    report_.torn_bytes = pending_bytes_;
    return std::move(report_);
  }

 private:
  tl::unexpected<Error> unreadable() const {
    return fail(ErrorClass::config, file_.string() + " cannot be read: " + std::strerror(errno));
  }

  void take(std::string_view bytes) {
    while (!bytes.empty()) {
      const std::size_t end = bytes.find('\n');
      const std::string_view part = bytes.substr(0, end);
      // A line that is too long is told as such, and not held.
      if (pending_.size() <= max_audit_line) pending_.append(part);
      pending_bytes_ += part.size();
      if (end == std::string_view::npos) return;
      ++line_;
      judge();
      report_.whole_bytes += pending_bytes_ + 1;
      pending_.clear();
      pending_bytes_ = 0;
      bytes.remove_prefix(end + 1);
    }
  }

  void judge() {
    const auto read = readAuditLine(pending_);
    if (!read) {
      complain(read.error().message);
      lost_place_ = true;
      return;
    }
    if (report_.first_sequence == 0) report_.first_sequence = read->sequence;
    ++report_.entries;
    // Behind a line that could not be read the next is followed from where it says it is.
    if (expected_ && !lost_place_) comparePlace(*read);
    lost_place_ = false;
    report_.end = read->end();
    expected_ = report_.end;
  }

  void comparePlace(const AuditLine& read) {
    const std::uint64_t wanted = expected_->sequence + 1;
    if (read.sequence > wanted)
      complain("entries " + std::to_string(wanted) + " to " + std::to_string(read.sequence - 1) +
               " are missing before entry " + std::to_string(read.sequence));
    else if (read.sequence < wanted)
      complain("entry " + std::to_string(read.sequence) + " stands where entry " +
               std::to_string(wanted) + " belongs");
    else if (read.prev != expected_->hash)
      complain("entry " + std::to_string(read.sequence) +
               " does not follow from the one before it, which is another than was written");
  }

  void complain(std::string what) {
    if (report_.problems.size() < max_ledger_problems)
      report_.problems.push_back({file_, line_, std::move(what)});
  }

  const std::filesystem::path file_;
  std::optional<ChainEnd> expected_;
  FileReport report_;
  std::string pending_;
  std::uint64_t pending_bytes_ = 0;
  std::size_t line_ = 0;
  bool lost_place_ = false;
};

}  // namespace

std::filesystem::path LedgerFiles::full(std::uint64_t first_sequence) const {
  return folder / (std::string(full_prefix) + padded(first_sequence) + std::string(suffix));
}

std::optional<std::uint64_t> firstSequenceIn(const std::filesystem::path& file) {
  const std::string name = file.filename().string();
  if (!name.starts_with(full_prefix) || !name.ends_with(suffix)) return std::nullopt;
  return readNumber(std::string_view(name).substr(
      full_prefix.size(), name.size() - full_prefix.size() - suffix.size()));
}

std::vector<std::filesystem::path> LedgerFiles::all() const {
  std::vector<std::pair<std::uint64_t, std::filesystem::path>> full_ones;
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(folder, error))
    if (const auto first = firstSequenceIn(entry.path()))
      full_ones.emplace_back(*first, entry.path());
  std::sort(full_ones.begin(), full_ones.end());
  std::vector<std::filesystem::path> files;
  for (auto& [first, file] : full_ones) files.push_back(std::move(file));
  if (std::filesystem::exists(std::filesystem::symlink_status(current(), error)))
    files.push_back(current());
  return files;
}

UniqueFd openToRead(const std::filesystem::path& file) {
  return UniqueFd(::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK));
}

std::string headText(const ChainEnd& end) {
  return padded(end.sequence) + " " + end.hash + "\n";
}

std::optional<ChainEnd> readHead(const std::filesystem::path& file) {
  const UniqueFd fd = openToRead(file);
  std::array<char, 256> text{};
  const ssize_t got = fd ? ::read(fd.get(), text.data(), text.size()) : -1;
  if (got <= 0) return std::nullopt;
  std::istringstream in(std::string(text.data(), static_cast<std::size_t>(got)));
  std::string sequence, hash;
  if (!(in >> sequence >> hash) || hash.size() != 64) return std::nullopt;
  const auto number = readNumber(sequence);
  return number ? std::optional(ChainEnd{*number, hash}) : std::nullopt;
}

std::string LedgerProblem::text() const {
  return file.string() + ":" + (line > 0 ? std::to_string(line) + ":" : "") + " " + what;
}

Result<FileReport> checkLedgerFile(const std::filesystem::path& file,
                                   const std::optional<ChainEnd>& before) {
  return FileCheck(file, before).run();
}

std::string faultOfEnd(const ChainEnd& end, const std::optional<ChainEnd>& head) {
  if (!head)
    return end.sequence == 0 ? ""
                             : "ledger.head is missing or cannot be read, so nobody can tell "
                               "whether entries behind " +
                                   std::to_string(end.sequence) + " are missing";
  if (head->sequence < end.sequence) return "";
  if (head->sequence > end.sequence)
    return "the end is missing: the last entry is " + std::to_string(end.sequence) +
           ", and ledger.head tells of entry " + std::to_string(head->sequence);
  return head->hash == end.hash ? "" : "the last entry is another than ledger.head tells of";
}

namespace {

Result<LedgerReport> checkFiles(const LedgerFiles& files,
                                const std::vector<std::filesystem::path>& all,
                                const std::optional<ChainEnd>& head, LedgerStart start) {
  LedgerReport report;
  std::optional<ChainEnd> before;
  if (start == LedgerStart::first_entry) before = ChainEnd{};
  for (const auto& file : all) {
    auto one = checkLedgerFile(file, before);
    if (!one) return tl::unexpected<Error>(one.error());
    const auto named = firstSequenceIn(file);
    if (named && one->first_sequence != *named)
      one->problems.push_back({file, 1,
                               "the file begins with entry " + std::to_string(one->first_sequence) +
                                   " and not with the one that it is named for"});
    if (one->torn_bytes > 0 && file != files.current())
      one->problems.push_back({file, 0, "the last line is cut off"});
    report.problems.insert(report.problems.end(), one->problems.begin(), one->problems.end());
    if (report.first_sequence == 0) report.first_sequence = one->first_sequence;
    report.entries += one->entries;
    report.torn_bytes = one->torn_bytes;
    if (one->entries > 0) before = report.end = one->end;
    ++report.files;
  }
  if (std::string fault = faultOfEnd(report.end, head); !fault.empty())
    report.problems.push_back({all.empty() ? files.current() : all.back(), 0, std::move(fault)});
  return report;
}

}  // namespace

Result<LedgerReport> checkLedger(const std::filesystem::path& folder, LedgerStart start) {
  constexpr int most_tries = 5;
  const LedgerFiles files(folder);
  for (int tries = 1;; ++tries) {
    const auto all = files.all();
    // Before the files: a ledger that is written meanwhile only grows beyond it.
    const auto head = readHead(files.head());
    if (all.empty() && (!head || head->sequence == 0))
      return fail(ErrorClass::config, folder.string() + " holds no audit ledger (ledger.jsonl)");
    auto report = checkFiles(files, all, head, start);
    // A node that is writing may have begun a new file meanwhile.
    if (files.all() == all || tries == most_tries) return report;
  }
}

}  // namespace scanhost
