// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "host/policy/ledger_reading.h"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "host/base/unique_fd.h"
#include "host/policy/ledger_check.h"

namespace scanhost {
namespace {

constexpr std::uint64_t step = 256u << 10;
/// A page may hold the longest lines, and is still an answer that a client takes.
constexpr std::uint64_t page_bytes = 4u << 20;

/// The lines of a file, last first; what stands behind the last line break is none.
class LinesBackward {
 public:
  explicit LinesBackward(const std::filesystem::path& file) : fd_(openToRead(file)) {
    struct stat info {};
    if (!fd_ || fstat(fd_.get(), &info) != 0)
      error_ = errno;
    else
      left_ = static_cast<std::uint64_t>(info.st_size);
  }

  /// Nothing at the beginning, or when the file cannot be read.
  std::optional<std::string> next() {
    for (;;) {
      const std::size_t end = held_.rfind('\n');
      if (end != std::string::npos) {
        std::string line = held_.substr(end + 1);
        held_.resize(end);
        if (std::exchange(in_lines_, true)) return line;
        continue;
      }
      // A line that is too long is of no use, wherever it begins.
      if (held_.size() > max_audit_line) held_.resize(max_audit_line);
      if (left_ == 0) break;
      if (!readMore()) return std::nullopt;
    }
    if (!in_lines_ || done_) return std::nullopt;
    done_ = true;
    return held_;
  }
  int error() const { return error_; }

 private:
  bool readMore() {
    const std::uint64_t size = std::min(step, left_);
    std::string before(size, '\0');
    const ssize_t read = pread(fd_.get(), before.data(), size, static_cast<off_t>(left_ - size));
    if (read != static_cast<ssize_t>(size)) {
      error_ = read < 0 ? errno : EIO;
      return false;
    }
    left_ -= size;
    held_ = before + held_;
    return true;
  }

  const UniqueFd fd_;
  std::uint64_t left_ = 0;
  std::string held_;
  bool in_lines_ = false, done_ = false;
  int error_ = 0;
};

class Reading {
 public:
  explicit Reading(const LedgerQuery& query) : query_(query) {
    if (query.kind) kind_text_ = "\"kind\":\"" + std::string(auditKindName(*query.kind)) + "\"";
  }

  /// The current file is opened before the full ones are listed, so that one which becomes full
  /// meanwhile is not missed; nor is it read twice.
  Result<LedgerPage> run(const std::filesystem::path& folder) {
    const LedgerFiles files(folder);
    LinesBackward current(files.current());
    const auto all = files.all();
    if (const Status read = takeAll(current, files.current()); !read)
      return tl::unexpected<Error>(read.error());
    for (auto file = all.rbegin(); file != all.rend() && !full_; ++file) {
      const auto first = firstSequenceIn(*file);
      if (!first || (query_.before > 0 && *first >= query_.before)) continue;
      if (last_ > 0 && *first >= last_) continue;
      LinesBackward lines(*file);
      if (const Status read = takeAll(lines, *file); !read)
        return tl::unexpected<Error>(read.error());
    }
    return std::move(page_);
  }

 private:
  /// A file that is not there, or was taken away meanwhile, holds nothing.
  Status takeAll(LinesBackward& lines, const std::filesystem::path& file) {
    for (auto line = lines.next(); line; line = lines.next()) {
      take(*line);
      if (full_) return {};
    }
    if (lines.error() == 0 || lines.error() == ENOENT) return {};
    return fail(ErrorClass::internal, file.string() + ": " + std::strerror(lines.error()));
  }

  bool mayMatch(const std::string& line) const {
    return line.find(query_.task_id) != std::string::npos &&
           line.find(kind_text_) != std::string::npos;
  }

  void take(const std::string& line) {
    seen_bytes_ += line.size();
    if (seen_bytes_ > query_.most_bytes) return stop();
    if (!mayMatch(line)) return noteSequence(line);
    auto read = readAuditLine(line);
    if (!read) {
      ++page_.unreadable;
      return;
    }
    if (query_.before > 0 && read->sequence >= query_.before) return;
    const bool meant =
        (query_.task_id.empty() || read->entry["task_id"].asString() == query_.task_id) &&
        (!query_.kind || read->entry["kind"].asString() == auditKindName(*query_.kind));
    if (meant) {
      if (page_.entries.size() == query_.limit || shown_bytes_ > page_bytes) return stop();
      shown_bytes_ += line.size();
      page_.entries.push_back(std::move(read->entry));
    }
    last_ = read->sequence;
  }

  /// Of a line that is not shown, so that a page that ends early goes on behind it.
  void noteSequence(const std::string& line) {
    constexpr std::string_view member = "\"sequence\":";
    const std::size_t at = line.find(member);
    if (at == std::string::npos) return;
    const auto sequence =
        static_cast<std::uint64_t>(std::strtoull(line.c_str() + at + member.size(), nullptr, 10));
    if (sequence > 0 && (query_.before == 0 || sequence < query_.before)) last_ = sequence;
  }

  void stop() {
    full_ = true;
    page_.next = last_;
  }

  const LedgerQuery& query_;
  std::string kind_text_;
  LedgerPage page_;
  std::uint64_t seen_bytes_ = 0, shown_bytes_ = 0;
  std::uint64_t last_ = 0;  ///< the oldest entry that was looked at
  bool full_ = false;
};

}  // namespace

Result<LedgerPage> readLedger(const std::filesystem::path& folder, const LedgerQuery& query) {
  return Reading(query).run(folder);
}

}  // namespace scanhost
