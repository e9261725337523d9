// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "host/app/service_manager.h"

#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <cstring>

namespace scanhost {
namespace {

std::string taken(const char* name) {
  const char* value = std::getenv(name);
  std::string text = value == nullptr ? "" : value;
  unsetenv(name);
  return text;
}

long long number(std::string_view text) {
  long long value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc{} && end == text.data() + text.size() && value > 0 ? value : 0;
}

std::string monotonicMicroseconds() {
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC, &now);
  return std::to_string(now.tv_sec * 1'000'000LL + now.tv_nsec / 1'000);
}

/// A newline would begin a word of its own.
std::string statusWord(std::string_view text) {
  std::string word = "STATUS=" + std::string(text);
  std::replace(word.begin(), word.end(), '\n', ' ');
  return word;
}

}  // namespace

ServiceManager ServiceManager::ofEnvironment() {
  const std::string socket = taken("NOTIFY_SOCKET"), watchdog = taken("WATCHDOG_USEC"),
                    pid = taken("WATCHDOG_PID");
  const bool ours = pid.empty() || number(pid) == getpid();
  return {socket, std::chrono::microseconds(ours ? number(watchdog) : 0)};
}

ServiceManager::ServiceManager(std::string_view socket, std::chrono::microseconds watchdog)
    : watchdog_(watchdog) {
  const bool abstract = socket.starts_with('@');
  if (socket.size() < 2 || socket.size() >= sizeof address_.sun_path ||
      (!abstract && socket.front() != '/'))
    return;
  address_.sun_family = AF_UNIX;
  std::memcpy(address_.sun_path, socket.data(), socket.size());
  if (abstract) address_.sun_path[0] = '\0';
  // The name of an abstract socket is all that its size holds.
  address_size_ =
      static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + socket.size() + (abstract ? 0 : 1));
  socket_ = ::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
}

ServiceManager::~ServiceManager() {
  if (socket_ >= 0) close(socket_);
}

void ServiceManager::ready(std::string_view status) const {
  tell("READY=1\n" + statusWord(status));
}

void ServiceManager::reloading() const {
  tell("RELOADING=1\nMONOTONIC_USEC=" + monotonicMicroseconds());
}

void ServiceManager::stopping(std::string_view status) const {
  tell("STOPPING=1\n" + statusWord(status));
}

void ServiceManager::status(std::string_view text) const {
  tell(statusWord(text));
}

void ServiceManager::alive() const {
  tell("WATCHDOG=1");
}

void ServiceManager::extendTimeout(std::chrono::microseconds time) const {
  tell("EXTEND_TIMEOUT_USEC=" + std::to_string(time.count()));
}

void ServiceManager::tell(std::string_view words) const {
  if (socket_ < 0) return;
  // Never waits: whoever feeds the watchdog must not hang on a manager that does.
  (void)sendto(socket_, words.data(), words.size(), MSG_DONTWAIT | MSG_NOSIGNAL,
               reinterpret_cast<const sockaddr*>(&address_), address_size_);
}

}  // namespace scanhost
