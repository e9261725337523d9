// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// A client that sends exactly the bytes it is told, for tests of the listener.
#pragma once

#include <arpa/inet.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <chrono>
#include <string>
#include <string_view>
#include <utility>

namespace scanhost::http {

class TestClient {
 public:
  explicit TestClient(std::uint16_t port, int receive_buffer = 0) {
    fd_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (receive_buffer)
      setsockopt(fd_, SOL_SOCKET, SO_RCVBUF, &receive_buffer, sizeof receive_buffer);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    connected_ = connect(fd_, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
  }
  ~TestClient() { hangUp(); }
  TestClient(TestClient&& other) noexcept
      : fd_(std::exchange(other.fd_, -1)), connected_(other.connected_) {}

  bool connected() const { return connected_; }
  int fd() const { return fd_; }
  void hangUp() {
    if (fd_ >= 0) close(std::exchange(fd_, -1));
  }

  /// Ends both directions; a thread that is sending returns.
  void cutOff() { shutdown(fd_, SHUT_RDWR); }

  void send(std::string_view bytes) {
    while (!bytes.empty()) {
      const ssize_t count = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (count <= 0) return;
      bytes.remove_prefix(static_cast<std::size_t>(count));
    }
  }

  /// What arrives until `until` is in it, the peer closes, or the time is over.
  std::string receive(std::string_view until,
                      std::chrono::milliseconds timeout = std::chrono::seconds(10)) {
    const auto deadline = std::chrono::steady_clock::now() + timeout;
    while (received_.find(until) == std::string::npos && receiveMore(deadline)) {
    }
    return std::exchange(received_, {});
  }

  /// All until the peer closes.
  std::string receiveAll(std::chrono::milliseconds timeout = std::chrono::seconds(10)) {
    const auto deadline = std::chrono::steady_clock::now() + timeout;
    while (receiveMore(deadline)) {
    }
    return std::exchange(received_, {});
  }

  /// One response with Content-Length; head and body.
  std::string response(std::chrono::milliseconds timeout = std::chrono::seconds(10)) {
    const auto deadline = std::chrono::steady_clock::now() + timeout;
    for (;;) {
      const std::size_t head = received_.find("\r\n\r\n");
      if (head != std::string::npos) {
        const std::size_t at = received_.find("Content-Length: ");
        const std::size_t length = at < head ? std::stoul(received_.substr(at + 16)) : 0;
        const std::size_t size = head + 4 + length;
        if (received_.size() >= size) {
          std::string whole = received_.substr(0, size);
          received_.erase(0, size);
          return whole;
        }
      }
      if (!receiveMore(deadline)) return std::exchange(received_, {});
    }
  }

  std::string ask(std::string_view request) {
    send(request);
    return response();
  }

  /// Whether the peer has closed and nothing is left to read.
  bool closed() const { return closed_; }

 private:
  bool receiveMore(std::chrono::steady_clock::time_point deadline) {
    const auto left =
        std::chrono::ceil<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now());
    pollfd watched{fd_, POLLIN, 0};
    if (left.count() <= 0 || poll(&watched, 1, static_cast<int>(left.count())) <= 0) return false;
    char buffer[65536];
    const ssize_t count = recv(fd_, buffer, sizeof buffer, 0);
    if (count <= 0) {
      closed_ = true;
      return false;
    }
    received_.append(buffer, static_cast<std::size_t>(count));
    return true;
  }

  int fd_ = -1;
  bool connected_ = false, closed_ = false;
  std::string received_;
};

inline int statusOf(const std::string& response) {
  return response.compare(0, 9, "HTTP/1.1 ") == 0 ? std::stoi(response.substr(9, 3)) : 0;
}

inline std::string bodyOf(const std::string& response) {
  const std::size_t head = response.find("\r\n\r\n");
  return head == std::string::npos ? std::string() : response.substr(head + 4);
}

inline bool has(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

}  // namespace scanhost::http
