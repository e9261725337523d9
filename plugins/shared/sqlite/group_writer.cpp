// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "plugins/shared/sqlite/group_writer.h"

#include <algorithm>
#include <exception>
#include <utility>

namespace scanhost::sqlite {
namespace {

constexpr std::size_t largest_batch = 256;

bool isSyncFailure(int code) {
  return code == SQLITE_IOERR_FSYNC || code == SQLITE_IOERR_DIR_FSYNC;
}

}  // namespace

/// Lives on its caller's stack until done.
struct GroupWriter::Job {
  const Call& call;
  Sync sync;
  const std::function<void(Database&)>& work;
  const std::function<void()>& committed;
  std::exception_ptr error = nullptr;
  bool done = false;
  std::condition_variable finished = {};
};

GroupWriter::GroupWriter(std::unique_ptr<Database> database, bool full)
    : database_(std::move(database)), full_(full) {
  database_->run(full_ ? "PRAGMA synchronous=FULL" : "PRAGMA synchronous=NORMAL");
  thread_ = std::thread([this] { loop(); });
}

GroupWriter::~GroupWriter() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_one();
  thread_.join();
}

void GroupWriter::run(const Call& call, Sync sync, const std::function<void(Database&)>& work,
                      const std::function<void()>& committed) {
  Job job{call, sync, work, committed};
  std::unique_lock lock(mutex_);
  waiting_.push_back(&job);
  wake_.notify_one();
  job.finished.wait(lock, [&] { return job.done; });
  if (job.error) std::rethrow_exception(job.error);
}

void GroupWriter::loop() {
  std::unique_lock lock(mutex_);
  for (;;) {
    wake_.wait(lock, [&] { return stopping_ || !waiting_.empty(); });
    if (waiting_.empty()) return;
    const auto end =
        waiting_.begin() + static_cast<std::ptrdiff_t>(std::min(largest_batch, waiting_.size()));
    const std::vector<Job*> batch(waiting_.begin(), end);
    waiting_.erase(waiting_.begin(), end);
    lock.unlock();
    runBatch(batch);
    lock.lock();
    for (Job* job : batch) {
      job->done = true;
      job->finished.notify_one();
    }
  }
}

void GroupWriter::runBatch(const std::vector<Job*>& batch) {
  try {
    if (!broken_.empty()) throw PluginError(ErrorClass::transient, broken_, ErrorSubject::backend);
    const bool durable = std::any_of(batch.begin(), batch.end(),
                                     [](const Job* job) { return job->sync == Sync::durable; });
    setSync(durable ? Sync::durable : Sync::relaxed);
    database_->execute("BEGIN IMMEDIATE");
    for (Job* job : batch) runJob(*job);
    database_->execute("COMMIT");
  } catch (const StoreError& error) {
    if (isSyncFailure(error.code()))
      breakDown(std::string(error.what()) +
                "; a write to the disk was lost, so nothing more is written until a restart");
    giveUp(std::current_exception(), batch);
    return;
  } catch (...) {
    giveUp(std::current_exception(), batch);
    return;
  }
  for (Job* job : batch)
    if (!job->error && job->committed) job->committed();
}

/// Within the batch's transaction, but alone: its failure leaves the others untouched.
void GroupWriter::runJob(Job& job) {
  if (job.call.cancelled()) {
    job.error = std::make_exception_ptr(PluginError(
        ErrorClass::timeout, "the call ended before its turn to write; nothing was changed"));
    return;
  }
  database_->execute("SAVEPOINT job");
  try {
    job.work(*database_);
  } catch (...) {
    // Some failures (disk full, I/O) end the whole transaction.
    if (!database_->inTransaction()) throw;
    job.error = std::current_exception();
    database_->execute("ROLLBACK TO job");
  }
  database_->execute("RELEASE job");
}

void GroupWriter::setSync(Sync sync) {
  if (!full_ || sync == sync_) return;
  database_->run(sync == Sync::durable ? "PRAGMA synchronous=FULL" : "PRAGMA synchronous=NORMAL");
  sync_ = sync;
}

void GroupWriter::breakDown(std::string why) {
  broken_ = std::move(why);
  is_broken_ = true;
}

void GroupWriter::giveUp(std::exception_ptr error, const std::vector<Job*>& batch) {
  if (database_->inTransaction()) {
    try {
      database_->execute("ROLLBACK");
    } catch (const PluginError& failed) {
      breakDown(std::string("rollback failed: ") + failed.what());
    }
  }
  for (Job* job : batch)
    if (!job->error) job->error = error;
}

}  // namespace scanhost::sqlite
