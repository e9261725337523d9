// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// A connected socket that never blocks, plain or TLS. Owns its descriptor.
///
/// One thread at a time: a connection's mutex stands in front of it. The descriptor stays the same
/// until destruction, so that others may poll it or shut it down meanwhile.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <string_view>

#include "host/http/message.h"
#include "host/http/tls.h"

namespace scanhost::http {

enum class Io { done, wait_read, wait_write, closed };

struct IoResult {
  Io io = Io::closed;
  std::size_t bytes = 0;  ///< with Io::done, at least 1
};

class Channel {
 public:
  explicit Channel(int fd) : fd_(fd) {}
  virtual ~Channel();
  Channel(const Channel&) = delete;
  Channel& operator=(const Channel&) = delete;

  static std::unique_ptr<Channel> plain(int fd);
  /// The handshake happens within the first reads.
  static std::unique_ptr<Channel> tls(int fd, std::shared_ptr<TlsContext> context);

  virtual IoResult read(std::span<char> buffer) = 0;
  virtual IoResult write(std::string_view bytes) = 0;
  /// Whether read() would give bytes that poll(2) does not know of.
  virtual bool hasPending() const { return false; }
  /// The peer's, verified; see Request::clientCertificate.
  virtual std::optional<ClientCertificate> clientCertificate() const { return std::nullopt; }
  /// Tells the peer that nothing more comes.
  virtual void finish();
  /// Whether the peer closed its side; looks, takes nothing.
  bool isPeerGone() const;
  /// Ends both directions; whoever polls the descriptor wakes.
  void abort();
  int fd() const { return fd_; }

 private:
  const int fd_;
};

}  // namespace scanhost::http
