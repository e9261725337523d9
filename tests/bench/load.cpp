// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "tests/bench/load.h"

#include <sched.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <string_view>

#include "tests/bench/served_program.h"

namespace scanhost::bench {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::string_view end_of_chunks = "\r\n0\r\n\r\n";

[[noreturn]] void giveUp(const char* why) {
  std::fprintf(stderr, "%s\n", why);
  std::exit(1);
}

double micros(Clock::duration time) {
  return std::chrono::duration<double, std::micro>(time).count();
}

/// The value of a header that the servers write in one case or another.
std::string_view valueOf(std::string_view head, std::string_view name, std::string_view other) {
  std::size_t at = head.find(name);
  if (at == head.npos) at = head.find(other);
  return at == head.npos ? std::string_view() : head.substr(at + name.size());
}

/// Whether all of the answer is there.
bool isWhole(std::string_view answer) {
  const std::size_t end = answer.find("\r\n\r\n");
  if (end == answer.npos) return false;
  const std::string_view head = answer.substr(0, end + 2);
  const std::string_view length = valueOf(head, "\r\nContent-Length: ", "\r\ncontent-length: ");
  if (length.empty())
    return answer.size() >= end_of_chunks.size() &&
           answer.substr(answer.size() - end_of_chunks.size()) == end_of_chunks;
  return answer.size() >= end + 4 + std::strtoul(length.data(), nullptr, 10);
}

}  // namespace

class Load::Client {
 public:
  explicit Client(unsigned short port) : connection_(port) {
    if (connection_.descriptor() < 0) giveUp("a client cannot connect");
  }
  int descriptor() const { return connection_.descriptor(); }

  void ask(const std::string& request) {
    answer_.clear();
    asked_ = Clock::now();
    if (send(descriptor(), request.data(), request.size(), MSG_NOSIGNAL) !=
        static_cast<ssize_t>(request.size()))
      giveUp("a request cannot be sent at once");
  }
  /// Reads what is there; true when that completes the answer, or ends the connection.
  bool read() {
    std::array<char, 16384> buffer;
    const ssize_t count = recv(descriptor(), buffer.data(), buffer.size(), MSG_DONTWAIT);
    if (count <= 0) giveUp("the server ended a connection");
    answer_.append(buffer.data(), static_cast<std::size_t>(count));
    return isWhole(answer_);
  }
  bool isGood() const { return answer_.rfind("HTTP/1.1 200", 0) == 0; }
  Clock::duration waited() const { return Clock::now() - asked_; }

 private:
  Connection connection_;
  std::string answer_;
  Clock::time_point asked_;
};

Load::Load(unsigned short port, int connections, std::string request)
    : epoll_(epoll_create1(EPOLL_CLOEXEC)), request_(std::move(request)) {
  for (int i = 0; i < connections; ++i) {
    clients_.push_back(std::make_unique<Client>(port));
    epoll_event event{EPOLLIN, {.ptr = clients_.back().get()}};
    epoll_ctl(epoll_, EPOLL_CTL_ADD, clients_.back()->descriptor(), &event);
  }
}

Load::~Load() {
  close(epoll_);
}

LoadFigures Load::run(std::chrono::milliseconds duration) {
  LoadFigures figures;
  std::vector<float> waits;
  std::size_t waiting = clients_.size();
  const auto began = Clock::now();
  for (const auto& client : clients_) client->ask(request_);
  while (waiting > 0) {
    std::array<epoll_event, 64> events;
    const int count = epoll_wait(epoll_, events.data(), events.size(), 10'000);
    if (count <= 0) giveUp("no answer came for ten seconds");
    const bool is_over = Clock::now() - began >= duration;
    for (int i = 0; i < count; ++i) {
      auto& client = *static_cast<Client*>(events[static_cast<std::size_t>(i)].data.ptr);
      if (!client.read()) continue;
      waits.push_back(static_cast<float>(micros(client.waited())));
      figures.failed += !client.isGood();
      if (is_over)
        --waiting;
      else
        client.ask(request_);
    }
  }
  figures.per_second = static_cast<double>(waits.size()) * 1e6 / micros(Clock::now() - began);
  std::sort(waits.begin(), waits.end());
  figures.p50_us = waits[waits.size() / 2];
  figures.p99_us = waits[waits.size() * 99 / 100];
  figures.longest_us = waits.back();
  return figures;
}

void pinTo(int processor) {
  cpu_set_t set;
  CPU_ZERO(&set);
  CPU_SET(processor, &set);
  sched_setaffinity(0, sizeof set, &set);
}

}  // namespace scanhost::bench
