// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "plugins/shared/local_scan/endpoints.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

namespace scanhost::local_scan {
namespace {

constexpr std::size_t most_at_once = 256;
constexpr std::chrono::milliseconds look_around{200};  ///< how often the call is asked

using Clock = std::chrono::steady_clock;

/// A socket that connects, in the background. -1 when that cannot even begin.
int beginConnect(const Endpoint& endpoint) {
  sockaddr_in v4{};
  sockaddr_in6 v6{};
  v4.sin_family = AF_INET;
  v4.sin_port = htons(endpoint.port);
  v6.sin6_family = AF_INET6;
  v6.sin6_port = htons(endpoint.port);
  const bool is_v4 = inet_pton(AF_INET, endpoint.address.c_str(), &v4.sin_addr) == 1;
  if (!is_v4 && inet_pton(AF_INET6, endpoint.address.c_str(), &v6.sin6_addr) != 1) return -1;
  const int fd = socket(is_v4 ? AF_INET : AF_INET6, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (fd < 0) return -1;
  const int begun = is_v4 ? connect(fd, reinterpret_cast<const sockaddr*>(&v4), sizeof v4)
                          : connect(fd, reinterpret_cast<const sockaddr*>(&v6), sizeof v6);
  if (begun == 0 || errno == EINPROGRESS) return fd;
  close(fd);
  return -1;
}

bool isConnected(int fd) {
  int error = 0;
  socklen_t size = sizeof error;
  return getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size) == 0 && error == 0;
}

/// Connections under way; closed when this goes.
class Attempts {
 public:
  Attempts() = default;
  ~Attempts() {
    for (const pollfd& socket : sockets_)
      if (socket.fd >= 0) close(socket.fd);
  }
  Attempts(const Attempts&) = delete;
  Attempts& operator=(const Attempts&) = delete;

  void begin(const Endpoint& endpoint) { sockets_.push_back({beginConnect(endpoint), POLLOUT, 0}); }

  void finish(std::chrono::milliseconds patience, Call& call, std::vector<bool>& answers) {
    std::vector<bool> connected(sockets_.size());
    for (const auto until = Clock::now() + patience; anyLeft() && Clock::now() < until;) {
      call.check();
      poll(sockets_.data(), sockets_.size(), static_cast<int>(look_around.count()));
      for (std::size_t i = 0; i < sockets_.size(); ++i) {
        if (sockets_[i].fd < 0 || sockets_[i].revents == 0) continue;
        connected[i] = isConnected(sockets_[i].fd);
        close(sockets_[i].fd);
        sockets_[i].fd = -1;
      }
    }
    answers.insert(answers.end(), connected.begin(), connected.end());
  }

 private:
  bool anyLeft() const {
    return std::any_of(sockets_.begin(), sockets_.end(),
                       [](const pollfd& socket) { return socket.fd >= 0; });
  }

  std::vector<pollfd> sockets_;
};

}  // namespace

std::vector<bool> whichAnswer(const std::vector<Endpoint>& endpoints,
                              std::chrono::milliseconds patience, Call& call) {
  std::vector<bool> answers;
  while (answers.size() < endpoints.size()) {
    Attempts attempts;
    const std::size_t end = std::min(endpoints.size(), answers.size() + most_at_once);
    for (std::size_t i = answers.size(); i < end; ++i) attempts.begin(endpoints[i]);
    attempts.finish(patience, call, answers);
  }
  return answers;
}

}  // namespace scanhost::local_scan
