// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "host/runner/frame.h"

#include <sys/socket.h>
#include <sys/time.h>
#include <sys/uio.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace scanhost::runner {
namespace {

constexpr std::size_t read_bytes = 256u << 10;  ///< the buffer in ordinary times

timeval toTimeval(std::chrono::milliseconds duration) {
  return {static_cast<time_t>(duration.count() / 1000),
          static_cast<suseconds_t>(duration.count() % 1000 * 1000)};
}

/// Drops the first `count` bytes of what is yet to be sent.
void advance(msghdr& message, std::size_t count) {
  while (message.msg_iovlen > 0 && count >= message.msg_iov->iov_len) {
    count -= message.msg_iov->iov_len;
    ++message.msg_iov;
    --message.msg_iovlen;
  }
  if (message.msg_iovlen == 0) return;
  message.msg_iov->iov_base = static_cast<char*>(message.msg_iov->iov_base) + count;
  message.msg_iov->iov_len -= count;
}

}  // namespace

FrameChannel::FrameChannel(UniqueFd socket, std::chrono::milliseconds patience)
    : socket_(std::move(socket)) {
  const timeval limit = toTimeval(patience);
  setsockopt(socket_.get(), SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
  setsockopt(socket_.get(), SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
}

bool FrameChannel::send(FrameKind kind, std::uint16_t function, std::uint64_t call,
                        std::string_view body) {
  if (body.size() > max_body_bytes) return false;
  FrameHeader header{static_cast<std::uint32_t>(body.size()), kind, function, call};
  iovec parts[2] = {{&header, sizeof header}, {const_cast<char*>(body.data()), body.size()}};
  msghdr message{};
  message.msg_iov = parts;
  message.msg_iovlen = body.empty() ? 1 : 2;
  const std::lock_guard lock(sending_);
  while (message.msg_iovlen > 0) {
    const ssize_t sent = sendmsg(socket_.get(), &message, MSG_NOSIGNAL);
    if (sent < 0 && errno == EINTR) continue;
    if (sent < 0) return false;
    advance(message, static_cast<std::size_t>(sent));
  }
  return true;
}

FrameChannel::Received FrameChannel::receive(Frame& frame, bool wait) {
  for (;;) {
    const std::size_t available = end_ - begin_;
    if (available >= sizeof(FrameHeader)) {
      std::memcpy(&frame.header, buffer_.get() + begin_, sizeof(FrameHeader));
      if (frame.header.body_bytes > max_body_bytes) return Received::closed;
      if (available - sizeof(FrameHeader) >= frame.header.body_bytes) {
        begin_ += sizeof(FrameHeader);
        frame.body.assign(buffer_.get() + begin_, frame.header.body_bytes);
        begin_ += frame.header.body_bytes;
        return Received::frame;
      }
    }
    makeRoom();
    if (const Received filled = fill(wait); filled != Received::frame) return filled;
  }
}

/// Moves what is left to the front, into a larger buffer when a body needs one: twice the size each
/// time, so that a header alone cannot ask for much.
void FrameChannel::makeRoom() {
  const std::size_t left = end_ - begin_;
  if (capacity_ - end_ >= read_bytes / 2) return;
  std::size_t wanted = std::max(read_bytes, capacity_);
  while (wanted - left < read_bytes / 2) wanted *= 2;
  if (left == 0) wanted = read_bytes;
  auto larger = wanted == capacity_ ? nullptr : std::make_unique_for_overwrite<char[]>(wanted);
  char* const to = larger ? larger.get() : buffer_.get();
  if (left > 0) std::memmove(to, buffer_.get() + begin_, left);
  if (larger) buffer_ = std::move(larger);
  capacity_ = wanted;
  begin_ = 0;
  end_ = left;
}

/// Appends what one read gives.
FrameChannel::Received FrameChannel::fill(bool wait) {
  ssize_t count = 0;
  do {
    count = recv(socket_.get(), buffer_.get() + end_, capacity_ - end_, wait ? 0 : MSG_DONTWAIT);
  } while (count < 0 && errno == EINTR);
  if (count > 0) {
    end_ += static_cast<std::size_t>(count);
    return Received::frame;
  }
  return count < 0 && (errno == EAGAIN || errno == EWOULDBLOCK) ? Received::nothing
                                                               : Received::closed;
}

}  // namespace scanhost::runner
