// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// A small HTTP/1.1 server that may break every rule in its answers: what a backend is played with.
/// A thread for each connection; TLS with a certificate of its own making.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "tests/conformance/http_channel.h"

namespace scanhost::conformance {

/// Bytes of an answer as they go out, and what becomes of the connection.
struct RawReply {
  std::string bytes;
  bool close = false;
  std::int64_t delay_ms = 0;
  std::int64_t pause_ms = 0;  ///< in the middle of the bytes
};

/// A whole answer: length, type and all.
std::string replyBytes(int status, const HeaderList& headers, const std::string& body);

class LoopbackServer {
 public:
  using Handler = std::function<RawReply(const HttpMessage&)>;

  /// `address` as "127.0.0.1:0". Throws ChannelError when it cannot listen.
  LoopbackServer(const std::string& address, bool tls, Handler handler);
  ~LoopbackServer();
  LoopbackServer(const LoopbackServer&) = delete;
  LoopbackServer& operator=(const LoopbackServer&) = delete;

  /// SHA-256 of its certificate in hexadecimal; empty without TLS.
  const std::string& fingerprint() const { return fingerprint_; }
  std::string url() const;

 private:
  void accept();
  void serve(int fd);

  Handler handler_;
  std::string fingerprint_, host_;
  SSL_CTX* context_ = nullptr;  ///< null: plain
  int socket_ = -1;
  std::atomic<bool> stopping_{false};
  std::mutex mutex_;
  std::vector<std::thread> threads_;
  std::vector<int> open_;
  std::thread acceptor_;
};

}  // namespace scanhost::conformance
