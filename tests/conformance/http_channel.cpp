// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "tests/conformance/http_channel.h"

#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/ssl.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <sstream>

namespace scanhost::conformance {
namespace {

constexpr std::size_t most_head_bytes = 64u << 10;
constexpr std::size_t most_body_bytes = 512u << 20;
constexpr int idle_s = 120;

void bound(int fd, int seconds) {
  const timeval limit{seconds, 0};
  setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
  setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
  const int on = 1;
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
}

struct AddressList {
  addrinfo* first = nullptr;
  ~AddressList() {
    if (first) freeaddrinfo(first);
  }
};

}  // namespace

std::unique_ptr<Channel> Channel::accepted(int fd, SSL_CTX* context) {
  std::unique_ptr<Channel> channel(new Channel(fd));
  bound(fd, idle_s);
  if (!context) return channel;
  channel->ssl_ = SSL_new(context);
  SSL_set_fd(channel->ssl_, fd);
  if (SSL_accept(channel->ssl_) != 1) throw ChannelError("the TLS handshake failed");
  return channel;
}

std::unique_ptr<Channel> Channel::connected(const std::string& host, const std::string& port,
                                            SSL_CTX* context, int timeout_s) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  AddressList addresses;
  if (const int error = getaddrinfo(host.c_str(), port.c_str(), &hints, &addresses.first))
    throw ChannelError(host + ": " + gai_strerror(error));
  std::string why = "it has no address";
  for (const addrinfo* one = addresses.first; one; one = one->ai_next) {
    const int fd = socket(one->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0) continue;
    std::unique_ptr<Channel> channel(new Channel(fd));
    bound(fd, timeout_s);
    if (connect(fd, one->ai_addr, one->ai_addrlen) != 0) {
      why = std::strerror(errno);
      continue;
    }
    if (!context) return channel;
    channel->ssl_ = SSL_new(context);
    SSL_set_fd(channel->ssl_, fd);
    SSL_set_tlsext_host_name(channel->ssl_, host.c_str());
    if (SSL_connect(channel->ssl_) != 1)
      throw ChannelError(host + ":" + port + ": the TLS handshake failed");
    return channel;
  }
  throw ChannelError(host + ":" + port + " cannot be reached: " + why);
}

Channel::~Channel() {
  if (ssl_) SSL_free(ssl_);
  shutdown(fd_, SHUT_RDWR);
  close(fd_);
}

std::size_t Channel::read(char* bytes, std::size_t size) {
  std::size_t got = 0;
  if (ssl_) return SSL_read_ex(ssl_, bytes, size, &got) == 1 ? got : 0;
  ssize_t count = 0;
  do count = recv(fd_, bytes, size, 0);
  while (count < 0 && errno == EINTR);
  return count > 0 ? static_cast<std::size_t>(count) : 0;
}

void Channel::write(std::string_view bytes) {
  while (!bytes.empty()) {
    std::size_t written = 0;
    if (ssl_) {
      if (SSL_write_ex(ssl_, bytes.data(), bytes.size(), &written) != 1)
        throw ChannelError("the other end reads no more");
    } else {
      const ssize_t count = send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (count < 0 && errno == EINTR) continue;
      if (count <= 0) throw ChannelError("the other end reads no more");
      written = static_cast<std::size_t>(count);
    }
    bytes.remove_prefix(written);
  }
}

std::string HttpMessage::header(std::string_view name) const {
  for (const auto& [key, value] : headers)
    if (key.size() == name.size() && strncasecmp(key.data(), name.data(), name.size()) == 0)
      return value;
  return {};
}

bool MessageReader::fill() {
  char bytes[16384];
  const std::size_t count = channel_.read(bytes, sizeof bytes);
  buffer_.append(bytes, count);
  return count > 0;
}

bool MessageReader::take(std::size_t length, std::string& out) {
  while (buffer_.size() < length)
    if (!fill()) return false;
  out.append(buffer_, 0, length);
  buffer_.erase(0, length);
  return true;
}

bool MessageReader::readChunks(std::string& body) {
  for (;;) {
    std::size_t end = 0;
    while ((end = buffer_.find("\r\n")) == std::string::npos)
      if (buffer_.size() > most_head_bytes || !fill()) return false;
    std::size_t length = 0;
    std::from_chars(buffer_.data(), buffer_.data() + end, length, 16);
    buffer_.erase(0, end + 2);
    std::string chunk;
    if (length > most_body_bytes - body.size() || !take(length + 2, chunk)) return false;
    body.append(chunk, 0, length);
    if (length == 0) return true;
  }
}

bool MessageReader::readHead(HttpMessage& message, std::string& first, std::string& second) {
  std::size_t end = 0;
  while ((end = buffer_.find("\r\n\r\n")) == std::string::npos)
    if (buffer_.size() > most_head_bytes || !fill()) return false;
  message = {};
  std::istringstream lines(buffer_.substr(0, end));
  buffer_.erase(0, end + 4);
  if (!(lines >> first >> second)) return false;
  std::string line;
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

bool MessageReader::readRequest(HttpMessage& message) {
  std::string method, path;
  if (!readHead(message, method, path)) return false;
  message.method = method;
  message.path = path;
  if (strcasecmp(message.header("transfer-encoding").c_str(), "chunked") == 0)
    return readChunks(message.body);
  std::size_t length = 0;
  const std::string text = message.header("content-length");
  std::from_chars(text.data(), text.data() + text.size(), length);
  return length <= most_body_bytes && take(length, message.body);
}

bool MessageReader::readResponse(const std::string& method, HttpMessage& message) {
  std::string version, status;
  do {
    if (!readHead(message, version, status)) return false;
    std::from_chars(status.data(), status.data() + status.size(), message.status);
  } while (message.status >= 100 && message.status < 200);
  if (message.status < 200) return false;
  if (method == "HEAD" || message.status == 204 || message.status == 304) return true;
  if (strcasecmp(message.header("transfer-encoding").c_str(), "chunked") == 0)
    return readChunks(message.body);
  const std::string text = message.header("content-length");
  if (!text.empty()) {
    std::size_t length = 0;
    std::from_chars(text.data(), text.data() + text.size(), length);
    return length <= most_body_bytes && take(length, message.body);
  }
  while (buffer_.size() < most_body_bytes && fill()) {
  }
  message.body = std::move(buffer_);
  buffer_.clear();
  return true;
}

}  // namespace scanhost::conformance
