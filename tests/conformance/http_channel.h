// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// A connection, plain or TLS, and the HTTP/1.1 messages that come over it. Sockets and OpenSSL
/// alone, for a vendor has none of the daemon's libraries. For one thread at a time.
#pragma once

#include <openssl/ossl_typ.h>

#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>

#include "tests/conformance/recording.h"

namespace scanhost::conformance {

class ChannelError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// One end. Throws ChannelError where the other end, or OpenSSL, says no.
class Channel {
 public:
  /// Takes an accepted socket; `context` null: plain.
  static std::unique_ptr<Channel> accepted(int fd, SSL_CTX* context);
  /// Connects to a host by name or address.
  static std::unique_ptr<Channel> connected(const std::string& host, const std::string& port,
                                            SSL_CTX* context, int timeout_s);
  ~Channel();
  Channel(const Channel&) = delete;
  Channel& operator=(const Channel&) = delete;

  int fd() const { return fd_; }
  /// 0 at the end.
  std::size_t read(char* bytes, std::size_t size);
  void write(std::string_view bytes);

 private:
  explicit Channel(int fd) : fd_(fd) {}

  int fd_;
  SSL* ssl_ = nullptr;
};

struct HttpMessage {
  std::string method, path;  ///< of a request
  int status = 0;            ///< of a response
  HeaderList headers;
  std::string body;
  std::string header(std::string_view name) const;
};

/// Reads one message after another.
class MessageReader {
 public:
  explicit MessageReader(Channel& channel) : channel_(channel) {}

  /// False at the end of the connection, or when it is no HTTP.
  bool readRequest(HttpMessage& message);
  /// The answer to a request of that method.
  bool readResponse(const std::string& method, HttpMessage& message);

 private:
  bool fill();
  bool take(std::size_t length, std::string& out);
  bool readChunks(std::string& body);
  bool readHead(HttpMessage& message, std::string& first, std::string& second);

  Channel& channel_;
  std::string buffer_;
};

}  // namespace scanhost::conformance
