// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "tests/support/notify_socket.h"

#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <system_error>

namespace scanhost::testing_support {

using Clock = std::chrono::steady_clock;

NotifySocket::NotifySocket() : path_((folder_.path() / "notify").string()) {
  socket_ = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  path_.copy(address.sun_path, sizeof address.sun_path - 1);
  if (socket_ < 0 || bind(socket_, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0)
    throw std::system_error(errno, std::generic_category(), path_);
}

NotifySocket::~NotifySocket() {
  close(socket_);
}

std::optional<std::string> NotifySocket::next(std::chrono::milliseconds limit) {
  pollfd ready{socket_, POLLIN, 0};
  if (poll(&ready, 1, static_cast<int>(std::max<long long>(limit.count(), 0))) <= 0) return {};
  char buffer[4096];
  const ssize_t size = recv(socket_, buffer, sizeof buffer, MSG_DONTWAIT);
  if (size < 0) return {};
  return std::string(buffer, static_cast<std::size_t>(size));
}

std::string NotifySocket::waitFor(const std::string& text, std::chrono::milliseconds limit) {
  const auto until = Clock::now() + limit;
  for (;;) {
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(until - Clock::now());
    const auto told = next(left);
    if (!told) return {};
    if (told->find(text) != std::string::npos) return *told;
  }
}

}  // namespace scanhost::testing_support
