// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "tests/conformance/loopback_server.h"

#include <Poco/Exception.h>
#include <Poco/Net/SecureServerSocket.h>
#include <strings.h>
#include <sys/socket.h>

#include <algorithm>
#include <charconv>
#include <sstream>
#include <stdexcept>

#include "tests/support/certificate.h"

namespace scanhost::conformance {
namespace {

namespace net = Poco::Net;

constexpr std::size_t most_head_bytes = 64u << 10;
constexpr std::size_t most_body_bytes = 64u << 20;

/// Reads one message; false at the end of the connection, or when it is no HTTP.
class MessageReader {
 public:
  explicit MessageReader(net::StreamSocket& socket) : socket_(socket) {}

  bool read(HttpMessage& message) {
    std::size_t end = 0;
    while ((end = buffer_.find("\r\n\r\n")) == std::string::npos)
      if (buffer_.size() > most_head_bytes || !fill()) return false;
    message = {};
    if (!readHead(buffer_.substr(0, end), message)) return false;
    buffer_.erase(0, end + 4);
    if (strcasecmp(message.header("transfer-encoding").c_str(), "chunked") == 0)
      return readChunks(message.body);
    std::size_t length = 0;
    const std::string text = message.header("content-length");
    std::from_chars(text.data(), text.data() + text.size(), length);
    return length <= most_body_bytes && take(length, message.body);
  }

 private:
  bool fill() {
    char bytes[16384];
    const int count = socket_.receiveBytes(bytes, sizeof bytes);
    if (count <= 0) return false;
    buffer_.append(bytes, static_cast<std::size_t>(count));
    return true;
  }

  bool take(std::size_t length, std::string& out) {
    while (buffer_.size() < length)
      if (!fill()) return false;
    out.append(buffer_, 0, length);
    buffer_.erase(0, length);
    return true;
  }

  bool readChunks(std::string& body) {
    for (;;) {
      std::size_t end = 0;
      while ((end = buffer_.find("\r\n")) == std::string::npos)
        if (!fill()) return false;
      std::size_t length = 0;
      std::from_chars(buffer_.data(), buffer_.data() + end, length, 16);
      buffer_.erase(0, end + 2);
      std::string chunk;
      if (body.size() + length > most_body_bytes || !take(length + 2, chunk)) return false;
      body.append(chunk, 0, length);
      if (length == 0) return true;
    }
  }

  static bool readHead(const std::string& head, HttpMessage& message) {
    std::istringstream lines(head);
    std::string version, line;
    if (!(lines >> message.method >> message.path >> version)) return false;
    std::getline(lines, line);
    while (std::getline(lines, line)) {
      if (!line.empty() && line.back() == '\r') line.pop_back();
      const std::size_t colon = line.find(':');
      if (colon == std::string::npos) return false;
      const std::size_t value = line.find_first_not_of(' ', colon + 1);
      message.headers.emplace_back(line.substr(0, colon),
                                   value == std::string::npos ? "" : line.substr(value));
    }
    return true;
  }

  net::StreamSocket& socket_;
  std::string buffer_;
};

void sendAll(net::StreamSocket& socket, std::string_view bytes) {
  while (!bytes.empty()) {
    const int count = socket.sendBytes(
        bytes.data(), static_cast<int>(std::min<std::size_t>(bytes.size(), 1u << 20)));
    if (count <= 0) throw Poco::IOException("the peer reads no more");
    bytes.remove_prefix(static_cast<std::size_t>(count));
  }
}

void sleepMillis(std::int64_t ms) {
  if (ms > 0) std::this_thread::sleep_for(std::chrono::milliseconds(ms));
}

void sendReply(net::StreamSocket& socket, const RawReply& reply) {
  sleepMillis(reply.delay_ms);
  const std::string_view bytes = reply.bytes;
  const std::size_t half = reply.pause_ms > 0 ? bytes.size() / 2 : 0;
  sendAll(socket, bytes.substr(0, half));
  sleepMillis(reply.pause_ms);
  sendAll(socket, bytes.substr(half));
}

}  // namespace

std::string HttpMessage::header(std::string_view name) const {
  for (const auto& [key, value] : headers)
    if (key.size() == name.size() && strncasecmp(key.data(), name.data(), name.size()) == 0)
      return value;
  return {};
}

std::string replyBytes(int status, const HeaderList& headers, const std::string& body) {
  std::string bytes = "HTTP/1.1 " + std::to_string(status) + " Recorded\r\n";
  for (const auto& [name, value] : headers)
    if (strcasecmp(name.c_str(), "content-length") != 0 &&
        strcasecmp(name.c_str(), "transfer-encoding") != 0 &&
        strcasecmp(name.c_str(), "connection") != 0)
      bytes += name + ": " + value + "\r\n";
  return bytes + "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}

LoopbackServer::LoopbackServer(const std::string& address, bool tls, Handler handler)
    : handler_(std::move(handler)), tls_(tls) {
  const net::SocketAddress where(address);
  if (tls_) {
    const auto certificate = testing_support::makeSelfSigned(where.host().toString());
    if (!certificate) throw Poco::IOException(certificate.error().message);
    const auto context = testing_support::serverContext(*certificate);
    if (!context) throw Poco::IOException(context.error().message);
    fingerprint_ = certificate->fingerprint;
    socket_ = net::SecureServerSocket(where, 64, *context);
  } else {
    socket_ = net::ServerSocket(where, 64);
  }
  acceptor_ = std::thread([this] { accept(); });
}

LoopbackServer::~LoopbackServer() {
  stopping_ = true;
  acceptor_.join();
  {
    const std::lock_guard lock(mutex_);
    for (const int fd : open_) ::shutdown(fd, SHUT_RDWR);
  }
  for (std::thread& thread : threads_) thread.join();
}

std::uint16_t LoopbackServer::port() const {
  return socket_.address().port();
}

std::string LoopbackServer::url() const {
  return std::string(tls_ ? "https" : "http") + "://" + socket_.address().toString();
}

void LoopbackServer::accept() {
  while (!stopping_) {
    try {
      if (!socket_.poll(Poco::Timespan(0, 50'000), net::Socket::SELECT_READ)) continue;
      net::StreamSocket socket = socket_.acceptConnection();
      const std::lock_guard lock(mutex_);
      open_.push_back(socket.impl()->sockfd());
      threads_.emplace_back([this, socket] { serve(socket); });
    } catch (const Poco::Exception&) {
      // One that went away before it was accepted.
    }
  }
}

void LoopbackServer::serve(net::StreamSocket socket) {
  const int fd = socket.impl()->sockfd();
  try {
    socket.setNoDelay(true);
    socket.setReceiveTimeout(Poco::Timespan(120, 0));
    MessageReader reader(socket);
    for (HttpMessage message; !stopping_ && reader.read(message);) {
      const RawReply reply = handler_(message);
      sendReply(socket, reply);
      if (reply.close) break;
    }
  } catch (const std::exception&) {
    // The peer went away; nothing is owed to it.
  }
  {
    const std::lock_guard lock(mutex_);
    std::erase(open_, fd);
  }
  ::shutdown(fd, SHUT_RDWR);
}

}  // namespace scanhost::conformance
