// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "host/tasks/change_watch.h"

#include <utility>

namespace scanhost {
namespace {

constexpr std::chrono::seconds wait_at_once{20};
constexpr std::chrono::seconds wait_timeout{30};
constexpr std::chrono::seconds after_failure{1};

}  // namespace

ChangeWatch::ChangeWatch(const QueueClient& queue, Listener listener)
    : queue_(queue), listener_(std::move(listener)), thread_([this] { loop(); }) {}

ChangeWatch::~ChangeWatch() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
    wait_->cancel();
  }
  stopped_.notify_all();
  thread_.join();
}

void ChangeWatch::waitAnew() {
  const std::lock_guard lock(mutex_);
  wait_->cancel();
}

/// Null when the watch was stopped.
std::shared_ptr<CancelSource> ChangeWatch::beginWait() {
  const std::lock_guard lock(mutex_);
  if (stopping_) return nullptr;
  if (wait_->cancelled()) wait_ = std::make_shared<CancelSource>();
  return wait_;
}

void ChangeWatch::loop() {
  std::uint64_t sequence = 0;
  while (const auto wait = beginWait()) {
    const auto told =
        queue_.changes(sequence, wait_at_once, {.timeout = wait_timeout, .cancel = wait});
    if (!told) {
      if (!wait->cancelled() && pause()) return;
      continue;
    }
    if (told->gap) sequence = *told->gap;
    if (!told->changes.empty()) sequence = told->changes.back().sequence;
    if (told->gap || !told->changes.empty()) listener_(*told);
  }
}

/// Whether the watch was stopped meanwhile.
bool ChangeWatch::pause() {
  std::unique_lock lock(mutex_);
  return stopped_.wait_for(lock, after_failure, [this] { return stopping_; });
}

}  // namespace scanhost
