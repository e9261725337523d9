// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "host/policy/ledger.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include "host/base/durable_file.h"
#include "host/base/random.h"

namespace scanhost {
namespace {

constexpr std::chrono::seconds tell_again{30};

Status diskRefuses(const std::filesystem::path& file, int error) {
  return fail(ErrorClass::transient,
              file.string() + ": " + std::strerror(error) + "; make room or mend the disk there",
              ErrorSubject::backend);
}

UniqueFd openFile(const std::filesystem::path& file, int flags) {
  return UniqueFd(::open(file.c_str(), flags | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0600));
}

}  // namespace

Result<std::unique_ptr<Ledger>> Ledger::open(const std::filesystem::path& folder, Options options) {
  std::unique_ptr<Ledger> ledger(new Ledger(folder, std::move(options)));
  if (Status locked = ledger->lock(); !locked) return tl::unexpected<Error>(locked.error());
  if (Status loaded = ledger->load(); !loaded) return tl::unexpected<Error>(loaded.error());
  ledger->writer_ = std::thread([self = ledger.get()] { self->write(); });
  return ledger;
}

Ledger::Ledger(std::filesystem::path folder, Options options)
    : files_(std::move(folder)), options_(std::move(options)) {}

Ledger::~Ledger() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wanted_.notify_all();
  if (writer_.joinable()) writer_.join();
}

// ---- opening -------------------------------------------------------------------------------

Status Ledger::lock() {
  std::error_code error;
  std::filesystem::create_directories(files_.folder, error);
  if (error) return diskRefuses(files_.folder, error.value());
  std::filesystem::permissions(files_.folder, std::filesystem::perms::owner_all, error);
  const std::filesystem::path file = files_.folder / "lock";
  lock_ = openFile(file, O_RDWR | O_CREAT);
  if (!lock_) return diskRefuses(file, errno);
  if (flock(lock_.get(), LOCK_EX | LOCK_NB) == 0) return {};
  return fail(
      ErrorClass::config,
      files_.folder.string() + " is in use by another scanhost; give each node its own data_dir",
      ErrorSubject::backend);
}

/// Finds where the chain stands, so that what comes follows from it.
Status Ledger::load() {
  const auto newest = checkNewest();
  if (!newest) return tl::unexpected<Error>(newest.error());
  found_.torn_bytes = newest->torn_bytes;
  found_.problems = newest->problems;
  end_ = newest->end;
  const auto head = readHead(files_.head());
  if (std::string fault = faultOfEnd(end_, head); !fault.empty()) {
    found_.problems.push_back({files_.current(), 0, std::move(fault)});
    if (head) end_ = *head;  // so that it shows for ever what is missing
  }
  std::error_code none;
  if (std::filesystem::exists(std::filesystem::symlink_status(files_.current(), none))) {
    if (Status cut = cutTorn(*newest); !cut) return cut;
    if (!found_.problems.empty())
      if (Status aside = putBrokenAside(*newest); !aside) return aside;
  }
  if (!head) std::filesystem::remove(files_.head(), none);
  if (Status opened = openHead(); !opened) return opened;
  if (Status opened = openCurrent(); !opened) return opened;
  if (file_bytes_ > 0) file_first_ = newest->first_sequence;
  return {};
}

/// Before there is a file for entries, so that no crash leaves entries without a head.
Status Ledger::openHead() {
  head_ = openFile(files_.head(), O_WRONLY | O_CREAT);
  if (!head_) return diskRefuses(files_.head(), errno);
  tellHead();
  if (fsync(head_.get()) != 0) return diskRefuses(files_.head(), errno);
  return syncFolder(files_.folder) ? Status() : diskRefuses(files_.folder, errno);
}

/// Of the current file; where that holds nothing, the end is that of the last one that was filled.
Result<FileReport> Ledger::checkNewest() const {
  FileReport newest;
  const auto all = files_.all();
  for (auto file = all.rbegin(); file != all.rend(); ++file) {
    auto one = checkLedgerFile(*file, std::nullopt);
    if (!one) return one;
    if (*file == files_.current())
      newest = *one;
    else
      newest.end = one->end;
    if (one->entries > 0) break;
  }
  return newest;
}

Status Ledger::cutTorn(const FileReport& current) {
  if (current.torn_bytes == 0) return {};
  const UniqueFd from = openFile(files_.current(), O_RDWR);
  std::string torn(std::min<std::uint64_t>(current.torn_bytes, max_audit_line), '\0');
  const auto at = static_cast<off_t>(current.whole_bytes);
  const ssize_t read = from ? pread(from.get(), torn.data(), torn.size(), at) : -1;
  if (read < 0) return diskRefuses(files_.current(), errno);
  torn.resize(static_cast<std::size_t>(read));
  const std::filesystem::path aside = files_.folder / "ledger.torn";
  const UniqueFd to = openFile(aside, O_WRONLY | O_CREAT | O_APPEND);
  if (!to || ::write(to.get(), torn.data(), torn.size()) < 0 || fsync(to.get()) != 0)
    return diskRefuses(aside, errno);
  if (ftruncate(from.get(), at) != 0 || fsync(from.get()) != 0)
    return diskRefuses(files_.current(), errno);
  return {};
}

/// Under the name of a full file it stays part of the ledger; one without a single entry does not.
Status Ledger::putBrokenAside(const FileReport& current) {
  const auto aside = current.first_sequence > 0 ? files_.full(current.first_sequence)
                                                : files_.folder / "ledger.unreadable";
  std::error_code error;
  std::filesystem::rename(files_.current(), aside, error);
  return error ? diskRefuses(files_.current(), error.value()) : Status();
}

Status Ledger::openCurrent() {
  fd_ = openFile(files_.current(), O_WRONLY | O_CREAT | O_APPEND);
  if (!fd_) return diskRefuses(files_.current(), errno);
  const off_t size = lseek(fd_.get(), 0, SEEK_END);
  if (size < 0) return diskRefuses(files_.current(), errno);
  file_bytes_ = static_cast<std::uint64_t>(size);
  file_first_ = 0;
  unclean_ = false;
  return syncFolder(files_.folder) ? Status() : diskRefuses(files_.folder, errno);
}

// ---- appending -----------------------------------------------------------------------------

Status Ledger::append(AuditEntry entry) {
  Outcome outcome;
  std::unique_lock lock(mutex_);
  if (!failure_.empty()) {
    ++refused_;
    return fail(ErrorClass::transient, failure_, ErrorSubject::backend);
  }
  pending_.push_back({std::move(entry), &outcome});
  wanted_.notify_one();
  done_.wait(lock, [&] { return outcome.done; });
  if (!outcome.error.empty())
    return fail(ErrorClass::transient, outcome.error, ErrorSubject::backend);
  return {};
}

void Ledger::note(AuditEntry entry) {
  const std::lock_guard lock(mutex_);
  if (pending_.size() >= options_.kept_entries) {
    if (failure_.empty() && dropped_ == 0) failed_since_ = Timestamp::now();
    ++dropped_;
    return;
  }
  pending_.push_back({std::move(entry), nullptr});
  wanted_.notify_one();
}

std::string Ledger::failure() const {
  const std::lock_guard lock(mutex_);
  return failure_;
}

// ---- the writing thread ------------------------------------------------------------------------

void Ledger::write() {
  std::unique_lock lock(mutex_);
  for (;;) {
    if (failure_.empty())
      wanted_.wait_for(lock, options_.look, [this] { return stopping_ || !pending_.empty(); });
    else
      wanted_.wait_for(lock, options_.retry, [this] { return stopping_; });
    if (pending_.empty() && stopping_) return;
    std::deque<Step> steps = std::exchange(pending_, {});
    if (!failure_.empty() || dropped_ > 0) steps.push_front({outageEntry(), nullptr});
    const bool last_try = stopping_;
    lock.unlock();
    ChainEnd end = end_;
    std::string lines;
    for (const Step& step : steps) lines += makeAuditLine(step.entry, options_.node, end);
    const Status written = writeLines(lines);
    if (!written)
      refuse(steps, written.error().message);
    else if (!steps.empty())
      succeed(steps, std::move(end));
    lock.lock();
    if (!written && last_try) return;
  }
}

AuditEntry Ledger::outageEntry() const {
  AuditEntry entry{.kind = AuditKind::outage, .trace_id = randomUuid()};
  entry.facts = Json::object({{"since", formatTimestamp(failed_since_)},
                              {"reason", failure_},
                              {"refused", refused_},
                              {"dropped", dropped_}});
  return entry;
}

/// What goes to a file without its name is lost, and what follows from a file that another hand has
/// changed proves nothing. A new file is for a start, which looks through what is there.
Status Ledger::checkInPlace() const {
  struct stat held {
  }, there{};
  if (fstat(fd_.get(), &held) != 0) return diskRefuses(files_.current(), errno);
  const bool named = lstat(files_.current().c_str(), &there) == 0;
  if (!named && errno != ENOENT) return diskRefuses(files_.current(), errno);
  const bool same = named && held.st_dev == there.st_dev && held.st_ino == there.st_ino;
  if (same && (unclean_ || static_cast<std::uint64_t>(held.st_size) == file_bytes_)) return {};
  return fail(ErrorClass::transient,
              files_.current().string() +
                  (same ? " was cut or added to" : " was removed or replaced") +
                  " by another hand; put it back as it was, or restart the node, which tells what "
                  "is missing",
              ErrorSubject::backend);
}

/// All of it on stable storage, or none of it in the file.
Status Ledger::writeLines(const std::string& lines) {
  if (fd_)
    if (Status there = checkInPlace(); !there) return there;
  if (lines.empty()) return {};
  if (file_bytes_ > 0 && file_bytes_ + lines.size() > options_.file_bytes)
    if (Status rotated = rotate(); !rotated) return rotated;
  if (!fd_)
    if (Status opened = openCurrent(); !opened) return opened;
  if (unclean_)
    if (Status clean = takeBack(EIO); unclean_) return clean;
  for (std::string_view rest = lines; !rest.empty();) {
    const ssize_t written = ::write(fd_.get(), rest.data(), rest.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return takeBack(written < 0 ? errno : ENOSPC);
    rest.remove_prefix(static_cast<std::size_t>(written));
  }
  syncs_.fetch_add(1, std::memory_order_relaxed);
  if (fdatasync(fd_.get()) != 0) return takeBack(errno);
  file_bytes_ += lines.size();
  return {};
}

/// What a failed sync was for is not believed to be there: it is taken back and written again.
Status Ledger::takeBack(int error) {
  unclean_ = ftruncate(fd_.get(), static_cast<off_t>(file_bytes_)) != 0;
  if (unclean_) error = errno;
  return diskRefuses(files_.current(), error);
}

Status Ledger::rotate() {
  if (file_first_ > 0) {
    std::error_code error;
    std::filesystem::rename(files_.current(), files_.full(file_first_), error);
    if (error) return diskRefuses(files_.current(), error.value());
  }
  fd_.reset();
  file_bytes_ = 0;
  return openCurrent();
}

/// Behind the ledger at any moment, never before it; so it needs no sync of its own.
void Ledger::tellHead() {
  const std::string text = headText(end_);
  [[maybe_unused]] const ssize_t written = pwrite(head_.get(), text.data(), text.size(), 0);
}

void Ledger::succeed(std::deque<Step>& steps, ChainEnd end) {
  std::uint64_t sequence = end_.sequence;
  if (file_first_ == 0) file_first_ = sequence + 1;
  end_ = std::move(end);
  tellHead();
  std::unique_lock lock(mutex_);
  const bool recovered = steps.front().entry.kind == AuditKind::outage;
  std::uint64_t refused = 0, dropped = 0;
  if (recovered) {
    failure_.clear();
    refused = std::exchange(refused_, 0);
    dropped = std::exchange(dropped_, 0);
  }
  for (const Step& step : steps)
    if (step.outcome) step.outcome->done = true;
  done_.notify_all();
  lock.unlock();
  if (recovered && options_.hooks.on_recovered) options_.hooks.on_recovered(refused, dropped);
  for (const Step& step : steps)
    if (options_.hooks.on_appended) options_.hooks.on_appended(step.entry, ++sequence);
}

/// Who waits is told; the rest is tried again.
void Ledger::refuse(std::deque<Step>& steps, const std::string& reason) {
  std::string trace_id;
  std::unique_lock lock(mutex_);
  const auto now = std::chrono::steady_clock::now();
  const bool news = failure_.empty() || now >= told_ + tell_again;
  if (failure_.empty()) failed_since_ = Timestamp::now();
  if (news) told_ = now;
  failure_ = reason;
  std::deque<Step> kept;
  for (Step& step : steps) {
    if (trace_id.empty()) trace_id = step.entry.trace_id;
    if (step.outcome) {
      *step.outcome = {true, reason};
      ++refused_;
    } else if (step.entry.kind != AuditKind::outage) {
      kept.push_back(std::move(step));
    }
  }
  while (!pending_.empty()) {
    Step& step = pending_.front();
    if (step.outcome) {
      *step.outcome = {true, reason};
      ++refused_;
    } else {
      kept.push_back(std::move(step));
    }
    pending_.pop_front();
  }
  pending_ = std::move(kept);
  done_.notify_all();
  lock.unlock();
  if (news && options_.hooks.on_failed) options_.hooks.on_failed(reason, trace_id);
}

}  // namespace scanhost
