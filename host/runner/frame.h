// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// How the daemon and scanhost-runner talk: frames over a socketpair.
///
/// A frame is a header of 16 bytes and a body, in the machine's own byte order, for both ends are
/// processes of one machine and one version. Every byte from a runner is hostile: a body is bounded
/// and grows only as it arrives, and the other end is given a bounded time to take what is sent.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

#include "host/base/unique_fd.h"

namespace scanhost::runner {

/// A daemon and a runner of different protocols do not work together.
inline constexpr std::uint32_t protocol = 1;
inline constexpr std::uint32_t max_body_bytes = 96u << 20;

enum class FrameKind : std::uint16_t {
  hello = 1,  ///< daemon: Hello, once, first
  call,       ///< daemon: CallHead and what the function takes; `call` is a new number
  cancel,     ///< daemon: stop that call
  answer,     ///< daemon: what became of a `sink` or `service` frame of that number
  ready,      ///< runner: the plugin is entered, or why it is not
  result,     ///< runner: Outcome of that call
  sink,       ///< runner: what the plugin hands to a sink of that call; waits for its answer
  service,    ///< runner: the plugin asks for a service of the host
  log,        ///< runner: an event, within that call or (0) outside of any
  heartbeat,  ///< runner: it still reads
};

struct FrameHeader {
  std::uint32_t body_bytes = 0;
  FrameKind kind{};
  std::uint16_t function = 0;  ///< a Function, SinkFunction or ServiceFunction
  std::uint64_t call = 0;
};
static_assert(sizeof(FrameHeader) == 16);

struct Frame {
  FrameHeader header;
  std::string body;
};

/// One end of the socketpair.
class FrameChannel {
 public:
  enum class Received { frame, nothing, closed };

  /// `patience` is how long `send` waits for the other end to take something, and `receive` for
  /// something to come.
  FrameChannel(UniqueFd socket, std::chrono::milliseconds patience);

  /// Sends a whole frame; any thread. False when the other end is gone or takes nothing: the stream
  /// is of no more use then.
  bool send(FrameKind kind, std::uint16_t function, std::uint64_t call, std::string_view body = {});

  /// The next frame; one thread at a time. Without `wait` it takes only what has arrived. A body
  /// over the bound counts as closed.
  Received receive(Frame& frame, bool wait);

  int fd() const { return socket_.get(); }

 private:
  void makeRoom();
  Received fill(bool wait);

  UniqueFd socket_;
  std::mutex sending_;
  std::unique_ptr<char[]> buffer_;  ///< never cleared: that took longer than a round trip
  std::size_t capacity_ = 0;
  std::size_t begin_ = 0, end_ = 0;  ///< what has arrived and was not handed out
};

}  // namespace scanhost::runner
