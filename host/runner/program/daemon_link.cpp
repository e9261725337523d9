// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "host/runner/program/daemon_link.h"

#include <unistd.h>

namespace scanhost::runner {

void DaemonLink::send(FrameKind kind, std::uint16_t function, std::uint64_t call,
                      std::string_view body) {
  if (!channel_.send(kind, function, call, body)) _exit(0);
}

std::string DaemonLink::ask(FrameKind kind, std::uint16_t function, std::uint64_t call,
                            std::string_view body) {
  Question question;
  std::unique_lock lock(mutex_);
  waiting_[call] = &question;
  lock.unlock();
  send(kind, function, call, body);
  lock.lock();
  question.answered.wait(lock, [&] { return question.answer.has_value(); });
  waiting_.erase(call);
  return std::move(*question.answer);
}

Frame DaemonLink::nextCall() {
  for (;;) {
    Frame frame;
    switch (channel_.receive(frame, true)) {
      case FrameChannel::Received::closed: _exit(0);
      case FrameChannel::Received::nothing: send(FrameKind::heartbeat, 0, 0, {}); continue;
      case FrameChannel::Received::frame: break;
    }
    if (frame.header.kind == FrameKind::call) return frame;
    const std::lock_guard lock(mutex_);
    if (frame.header.kind == FrameKind::cancel) {
      if (const auto found = calls_.find(frame.header.call); found != calls_.end())
        found->second->cancel();
    } else if (const auto found = waiting_.find(frame.header.call); found != waiting_.end()) {
      found->second->answer = std::move(frame.body);
      found->second->answered.notify_one();
    }
  }
}

void DaemonLink::beginCall(std::uint64_t call, std::shared_ptr<CancelSource> source) {
  const std::lock_guard lock(mutex_);
  calls_[call] = std::move(source);
}

void DaemonLink::endCall(std::uint64_t call) {
  const std::lock_guard lock(mutex_);
  calls_.erase(call);
}

}  // namespace scanhost::runner
