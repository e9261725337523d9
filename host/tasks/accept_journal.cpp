// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "host/tasks/accept_journal.h"

#include <fcntl.h>
#include <scanhost/json.h>
#include <sys/file.h>
#include <sys/stat.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <span>
#include <utility>

#include "host/base/digest.h"
#include "host/base/durable_file.h"
#include "host/base/random.h"

namespace scanhost {
namespace {

constexpr std::int64_t journal_version = 1;
constexpr std::size_t digest_digits = 16;
constexpr std::size_t most_pending = 10'000;

constexpr std::array<std::pair<const char*, std::string Submission::*>, 8> submission_members{{
    {"id", &Submission::id},
    {"trace_id", &Submission::trace_id},
    {"owner", &Submission::owner},
    {"pool", &Submission::pool},
    {"wanted_instance", &Submission::wanted_instance},
    {"submission", &Submission::submission},
    {"key", &Submission::key},
    {"key_hash", &Submission::key_hash},
}};

std::string digestOf(std::string_view text) {
  const auto digest = sha256(text);
  return toHex(std::span(digest).first(digest_digits / 2));
}

std::string lineOf(Json step) {
  step["version"] = journal_version;
  const std::string text = step.dump();
  return digestOf(text) + " " + text + "\n";
}

std::string keepLine(const AcceptJournal::Entry& entry, std::string_view instead_of = {}) {
  const Submission& submission = entry.submission;
  Json kept = Json::object();
  for (const auto& [name, member] : submission_members)
    if (!(submission.*member).empty()) kept[name] = submission.*member;
  kept["created_us"] = submission.created_us;
  if (!submission.key.empty()) kept["key_ttl_ns"] = submission.key_ttl.count();
  if (entry.withdrawn) kept["withdrawn"] = true;
  if (entry.unwanted) kept["unwanted"] = true;
  Json step = Json::object({{"keep", std::move(kept)}});
  if (!instead_of.empty()) step["drop"] = instead_of;
  return lineOf(std::move(step));
}

/// The step that a line tells; nothing when it makes no sense.
std::optional<Json> stepOf(std::string_view line) {
  if (line.size() <= digest_digits || line[digest_digits] != ' ') return std::nullopt;
  const std::string_view text = line.substr(digest_digits + 1);
  if (digestOf(text) != line.substr(0, digest_digits)) return std::nullopt;
  auto step = Json::tryParse(text);
  if (!step || !step->isObject()) return std::nullopt;
  return step;
}

AcceptJournal::Entry entryOf(const Json& kept) {
  AcceptJournal::Entry entry;
  for (const auto& [name, member] : submission_members)
    entry.submission.*member = kept[name].asString();
  entry.submission.created_us = kept["created_us"].asInteger();
  entry.submission.key_ttl = std::chrono::nanoseconds(kept["key_ttl_ns"].asInteger());
  entry.withdrawn = kept["withdrawn"].asBool();
  entry.unwanted = kept["unwanted"].asBool();
  return entry;
}

std::uint64_t sizeOf(const Submission& submission) {
  std::uint64_t size = 200;  // of the names of its members and what the map needs
  for (const auto& [name, member] : submission_members) size += (submission.*member).size();
  return size;
}

Status diskRefuses(const std::filesystem::path& file, int error) {
  return fail(ErrorClass::transient, file.string() + ": " + std::strerror(error),
              ErrorSubject::backend);
}

}  // namespace

Result<std::unique_ptr<AcceptJournal>> AcceptJournal::open(const std::filesystem::path& folder,
                                                           Limits limits) {
  std::unique_ptr<AcceptJournal> journal(new AcceptJournal(folder, limits));
  if (Status locked = journal->lock(); !locked) return tl::unexpected<Error>(locked.error());
  if (Status loaded = journal->load(); !loaded) return tl::unexpected<Error>(loaded.error());
  journal->writer_ = std::thread([self = journal.get()] { self->write(); });
  return journal;
}

AcceptJournal::AcceptJournal(std::filesystem::path folder, Limits limits)
    : folder_(std::move(folder)),
      file_(folder_ / "accepts.journal"),
      limits_(limits),
      rewrite_from_(limits.rewrite_from) {}

AcceptJournal::~AcceptJournal() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wanted_.notify_all();
  if (writer_.joinable()) writer_.join();
}

// ---- opening -------------------------------------------------------------------------------

Status AcceptJournal::lock() {
  const std::filesystem::path file = folder_ / "accepts.lock";
  lock_.reset(::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
  if (!lock_) return diskRefuses(file, errno);
  if (flock(lock_.get(), LOCK_EX | LOCK_NB) == 0) return {};
  return fail(ErrorClass::config,
              folder_.string() + " is in use by another scanhost; give each node its own data_dir",
              ErrorSubject::backend);
}

Status AcceptJournal::load() {
  std::ifstream in(file_, std::ios::binary);
  if (!in && std::filesystem::exists(file_))
    return fail(ErrorClass::config, file_.string() + " cannot be read", ErrorSubject::backend);
  std::string line;
  while (std::getline(in, line)) {
    if (in.eof()) break;  // cut off by a crash, so never acknowledged
    if (Status read = readLine(line); !read) return read;
  }
  if (in.bad()) return diskRefuses(file_, EIO);
  in.close();
  return rewrite(liveLines());
}

Status AcceptJournal::readLine(const std::string& line) {
  const auto step = stepOf(line);
  if (!step) {
    ++damaged_;
    putAside(line + "\n");
    return {};
  }
  if ((*step)["version"].asInteger() != journal_version)
    return fail(ErrorClass::config,
                file_.string() + " was written by another version of scanhost (" +
                    std::to_string((*step)["version"].asInteger()) + "); this one reads " +
                    std::to_string(journal_version),
                ErrorSubject::backend);
  if (step->has("drop")) remove((*step)["drop"].asString());
  if (step->has("keep")) add(entryOf((*step)["keep"]));
  if (const auto found = entries_.find((*step)["withdraw"].asString()); found != entries_.end())
    found->second.withdrawn = true;
  if (const auto found = entries_.find((*step)["unwanted"].asString()); found != entries_.end())
    found->second.unwanted = true;
  if (step->has("keep")) settleNow((*step)["keep"]["id"].asString());
  if (step->has("looked_us")) last_look_ = {(*step)["looked_us"].asInteger()};
  return {};
}

/// What cannot be written there is only counted: it is of no use to the service.
void AcceptJournal::putAside(const std::string& line) {
  const std::filesystem::path file = folder_ / "accepts.aside";
  std::error_code none;
  const auto size = std::filesystem::file_size(file, none);
  if (!none && size + line.size() > limits_.aside_bytes) return;
  const UniqueFd fd(::open(file.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600));
  if (fd && ::write(fd.get(), line.data(), line.size()) >= 0) fdatasync(fd.get());
}

// ---- steps ---------------------------------------------------------------------------------

Status AcceptJournal::keep(const Submission& submission) {
  {
    const std::lock_guard lock(mutex_);
    if (entries_.size() + pending_keeps_ >= limits_.entries || live_bytes_ >= limits_.bytes)
      return fail(ErrorClass::transient,
                  file_.string() + " is full: " + std::to_string(entries_.size()) +
                      " accepted tasks have not ended yet",
                  ErrorSubject::backend);
    ++pending_keeps_;
  }
  const Status kept = commit(keepLine({.submission = submission}),
                             [this, submission] { add({.submission = submission}); });
  const std::lock_guard lock(mutex_);
  --pending_keeps_;
  return kept;
}

Status AcceptJournal::replace(const std::string& id, const Submission& kept) {
  {
    const std::lock_guard lock(mutex_);
    ++promises_[kept.id];
  }
  const Status replaced = commit(keepLine({.submission = kept}, id), [this, id, kept] {
    remove(id);
    remove(kept.id);
    add({.submission = kept, .promised = true});
    settleNow(kept.id);
  });
  const std::lock_guard lock(mutex_);
  if (--promises_[kept.id] == 0) promises_.erase(kept.id);
  return replaced;
}

Status AcceptJournal::withdraw(const std::string& id) {
  return commit(lineOf(Json::object({{"withdraw", id}})), [this, id] {
    if (const auto found = entries_.find(id); found != entries_.end())
      found->second.withdrawn = true;
    settleNow(id);
  });
}

Status AcceptJournal::drop(const std::string& id) {
  return commit(lineOf(Json::object({{"drop", id}})), [this, id] { remove(id); });
}

Status AcceptJournal::letGo(const std::string& id) {
  return commit(
      lineOf(Json::object({{"drop", id}})), [this, id] { remove(id); },
      [this, id] { return !isPromised(id); });
}

Status AcceptJournal::setAside(const std::string& id) {
  if (const auto entry = find(id)) putAside(keepLine(*entry));
  return drop(id);
}

void AcceptJournal::settle(const std::string& id) {
  const std::lock_guard lock(mutex_);
  settleNow(id);
}

void AcceptJournal::withdrawSoon(const std::string& id) {
  const std::lock_guard lock(mutex_);
  if (const auto found = entries_.find(id); found != entries_.end()) found->second.withdrawn = true;
  settleNow(id);
  enqueue(lineOf(Json::object({{"withdraw", id}})), [] {});
}

void AcceptJournal::dropSoon(const std::string& id) {
  const std::lock_guard lock(mutex_);
  if (const auto found = entries_.find(id); found != entries_.end()) found->second.dropped = true;
  settleNow(id);
  enqueueDrop(id);
}

void AcceptJournal::noteUnwanted(const std::string& id) {
  const std::lock_guard lock(mutex_);
  const auto found = entries_.find(id);
  if (found == entries_.end() || found->second.unwanted) return;
  found->second.unwanted = true;
  enqueue(lineOf(Json::object({{"unwanted", id}})), [] {});
}

void AcceptJournal::dropAgain(const std::string& id) {
  const std::lock_guard lock(mutex_);
  const auto found = entries_.find(id);
  if (found != entries_.end() && found->second.dropped) enqueueDrop(id);
}

void AcceptJournal::noteLook(Timestamp when) {
  const std::lock_guard lock(mutex_);
  enqueue(lineOf(Json::object({{"looked_us", when.micros}})), [this, when] { last_look_ = when; });
}

// ---- what is known, under the mutex ----------------------------------------------------------

void AcceptJournal::add(Entry entry) {
  const std::string id = entry.submission.id;
  const std::uint64_t size = sizeOf(entry.submission);
  if (entries_.emplace(id, std::move(entry)).second) live_bytes_ += size;
}

void AcceptJournal::remove(const std::string& id) {
  const auto found = entries_.find(id);
  if (found == entries_.end()) return;
  live_bytes_ -= sizeOf(found->second.submission);
  settled_.erase(found->second.sequence);
  entries_.erase(found);
}

void AcceptJournal::settleNow(const std::string& id) {
  const auto found = entries_.find(id);
  if (found == entries_.end() || found->second.settled) return;
  found->second.settled = true;
  found->second.sequence = next_sequence_++;
  settled_.emplace(found->second.sequence, id);
}

std::vector<std::pair<std::uint64_t, std::string>> AcceptJournal::settledAfter(
    std::uint64_t sequence, std::size_t most) const {
  const std::lock_guard lock(mutex_);
  std::vector<std::pair<std::uint64_t, std::string>> found;
  for (auto next = settled_.upper_bound(sequence); next != settled_.end() && found.size() < most;
       ++next)
    found.emplace_back(*next);
  return found;
}

std::optional<AcceptJournal::Entry> AcceptJournal::find(const std::string& id) const {
  const std::lock_guard lock(mutex_);
  const auto found = entries_.find(id);
  return found == entries_.end() ? std::nullopt : std::optional<Entry>(found->second);
}

std::size_t AcceptJournal::size() const {
  const std::lock_guard lock(mutex_);
  return entries_.size();
}

Timestamp AcceptJournal::lastLook() const {
  const std::lock_guard lock(mutex_);
  return last_look_;
}

std::string AcceptJournal::failure() const {
  const std::lock_guard lock(mutex_);
  return failure_;
}

std::string AcceptJournal::liveLines() const {
  std::string text = lineOf(Json::object({{"looked_us", last_look_.micros}}));
  for (const auto& [id, entry] : entries_) text += keepLine(entry);
  return text;
}

// ---- the writing thread ------------------------------------------------------------------------

Status AcceptJournal::commit(std::string line, std::function<void()> apply,
                             const std::function<bool()>& wanted) {
  Outcome outcome;
  std::unique_lock lock(mutex_);
  if (wanted && !wanted()) return {};
  if (!failure_.empty()) return fail(ErrorClass::transient, failure_, ErrorSubject::backend);
  pending_.push_back({std::move(line), std::move(apply), &outcome});
  wanted_.notify_one();
  done_.wait(lock, [&] { return outcome.done; });
  if (!outcome.error.empty())
    return fail(ErrorClass::transient, outcome.error, ErrorSubject::backend);
  return {};
}

/// Steps whose loss costs a look: while the disk refuses they are forgotten. Under the mutex.
void AcceptJournal::enqueue(std::string line, std::function<void()> apply) {
  if (!failure_.empty() || pending_.size() >= most_pending) return;
  pending_.push_back({std::move(line), std::move(apply), nullptr});
  wanted_.notify_one();
}

void AcceptJournal::enqueueDrop(const std::string& id) {
  enqueue(lineOf(Json::object({{"drop", id}})), [this, id] { remove(id); });
}

bool AcceptJournal::isPromised(const std::string& id) const {
  const auto found = entries_.find(id);
  return promises_.contains(id) || (found != entries_.end() && found->second.promised);
}

void AcceptJournal::refuse(const std::vector<Step>& steps, const std::string& reason) {
  for (const Step& step : steps)
    if (step.outcome) *step.outcome = {true, reason};
  done_.notify_all();
}

void AcceptJournal::write() {
  std::unique_lock lock(mutex_);
  for (;;) {
    wanted_.wait(lock, [this] { return stopping_ || !pending_.empty(); });
    if (pending_.empty()) return;
    const std::vector<Step> steps = std::exchange(pending_, {});
    if (!failure_.empty()) {
      refuse(steps, failure_);
      continue;
    }
    std::string lines;
    for (const Step& step : steps) lines += step.line;
    lock.unlock();
    const Status written = append(lines);
    lock.lock();
    if (!written) {
      refuse(steps, written.error().message);
      continue;
    }
    for (const Step& step : steps) {
      step.apply();
      if (step.outcome) step.outcome->done = true;
    }
    done_.notify_all();
    if (!worthRewriting()) continue;
    const std::string text = liveLines();
    lock.unlock();
    const Status rewritten = rewrite(text);
    lock.lock();
    if (!rewritten && !writesToItsFile()) failure_ = rewritten.error().message;
    rewrite_from_ =
        rewritten ? limits_.rewrite_from : 2 * file_bytes_;  // the longer one serves, too
  }
}

bool AcceptJournal::worthRewriting() const {
  return file_bytes_ > rewrite_from_ && file_bytes_ > 3 * live_bytes_;
}

/// Whether what is open is what a start would read: a rewrite may have failed after its rename.
bool AcceptJournal::writesToItsFile() const {
  struct stat open {
  }, named{};
  return fd_ && fstat(fd_.get(), &open) == 0 && stat(file_.c_str(), &named) == 0 &&
         open.st_ino == named.st_ino && open.st_dev == named.st_dev;
}

/// Writes and syncs. A write that failed is taken back, and the next may go well; a sync that
/// failed may have lost pages for good, so nothing is written after it.
Status AcceptJournal::append(const std::string& lines) {
  std::string_view rest = lines;
  while (!rest.empty()) {
    const ssize_t written = ::write(fd_.get(), rest.data(), rest.size());
    if (written < 0 && errno == EINTR) continue;
    if (written > 0) {
      rest.remove_prefix(static_cast<std::size_t>(written));
      continue;
    }
    const int error = written < 0 ? errno : ENOSPC;
    if (ftruncate(fd_.get(), static_cast<off_t>(file_bytes_)) == 0)
      return diskRefuses(file_, error);
    break;
  }
  if (rest.empty() && fdatasync(fd_.get()) == 0) {
    file_bytes_ += lines.size();
    return {};
  }
  const std::string reason =
      file_.string() + ": " + std::strerror(errno) + "; mend the disk and start scanhost again";
  const std::lock_guard lock(mutex_);
  failure_ = reason;
  return fail(ErrorClass::transient, reason, ErrorSubject::backend);
}

Status AcceptJournal::rewrite(const std::string& text) {
  if (Status written = writeDurably(file_, text, 0600); !written) return written;
  fd_.reset(::open(file_.c_str(), O_WRONLY | O_APPEND | O_CLOEXEC));
  if (!fd_) return diskRefuses(file_, errno);
  file_bytes_ = text.size();
  return {};
}

}  // namespace scanhost
