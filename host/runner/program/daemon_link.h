// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// The runner's end of the connection: what threads send, and the answers they wait for.
///
/// Any thread. A daemon that is gone ends the process: there is nobody to work for.
#pragma once

#include <atomic>
#include <condition_variable>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "host/abi/host_call.h"
#include "host/runner/frame.h"
#include "host/runner/messages.h"

namespace scanhost::runner {

class DaemonLink {
 public:
  explicit DaemonLink(FrameChannel& channel) : channel_(channel) {}
  DaemonLink(const DaemonLink&) = delete;
  DaemonLink& operator=(const DaemonLink&) = delete;

  void send(FrameKind kind, std::uint16_t function, std::uint64_t call, std::string_view body);
  /// Sends and waits for the answer's body. One question at a time under one number.
  std::string ask(FrameKind kind, std::uint16_t function, std::uint64_t call,
                  std::string_view body);
  /// A number for a question that belongs to no call of the daemon's.
  std::uint64_t newQuestion() { return own_questions | ++questions_; }

  /// The next frame that is no answer and no cancellation, of which this takes care. One thread at
  /// a time.
  Frame nextCall();

  /// While a call runs, its cancellation reaches `source`.
  void beginCall(std::uint64_t call, std::shared_ptr<CancelSource> source);
  void endCall(std::uint64_t call);

 private:
  static constexpr std::uint64_t own_questions = 1ull << 63;

  struct Question {
    std::condition_variable answered;
    std::optional<std::string> answer;
  };

  FrameChannel& channel_;
  std::atomic<std::uint64_t> questions_{0};
  std::mutex mutex_;
  std::map<std::uint64_t, Question*> waiting_;
  std::map<std::uint64_t, std::shared_ptr<CancelSource>> calls_;
};

}  // namespace scanhost::runner
