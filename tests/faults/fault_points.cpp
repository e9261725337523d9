// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// The marks of host/base/fault_points.h in scanhost-faulty. The environment names a file in which
/// the driver arms one point, as "NAME HITS"; it may change at any time. Protections to take away
/// are listed in the environment and hold for the life of the process.
#include "host/base/fault_points.h"

#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include <array>
#include <charconv>
#include <cstdlib>
#include <mutex>
#include <string>

namespace scanhost {
namespace {

std::string fromEnvironment(const char* name) {
  const char* value = std::getenv(name);
  return value ? value : "";
}

class ArmedPoint {
 public:
  /// True at the hit at which the process is to die.
  bool hit(std::string_view name) {
    if (file_ < 0) return false;
    const std::lock_guard lock(mutex_);
    std::array<char, 128> block;
    const ssize_t got = pread(file_, block.data(), block.size(), 0);
    const std::string_view now(block.data(), got > 0 ? static_cast<std::size_t>(got) : 0);
    if (now != armed_) {
      armed_ = now;
      hits_ = 0;
    }
    const std::size_t space = now.find(' ');
    if (space == std::string_view::npos || now.substr(0, space) != name) return false;
    int wanted = 1;
    std::from_chars(now.data() + space + 1, now.data() + now.size(), wanted);
    return ++hits_ >= wanted;
  }

 private:
  const int file_ = open(fromEnvironment("SCANHOST_FAULT_FILE").c_str(), O_RDONLY | O_CLOEXEC);
  std::mutex mutex_;
  std::string armed_;
  int hits_ = 0;
};

}  // namespace

void killPoint(std::string_view name) {
  static ArmedPoint armed;
  if (armed.hit(name)) kill(getpid(), SIGKILL);
}

bool isTakenAway(std::string_view protection) {
  static const std::string list = " " + fromEnvironment("SCANHOST_FAULT_WITHOUT") + " ";
  return list.find(" " + std::string(protection) + " ") != std::string::npos;
}

}  // namespace scanhost
