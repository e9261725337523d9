// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "host/ctl/interrupt.h"

#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <array>

namespace scanhost::ctl {
namespace {

/// Filled before the handler is set: a signal handler may neither format nor allocate.
std::array<char, 512> notice;
std::size_t notice_size = 0;

constexpr std::array watched_signals = {SIGINT, SIGTERM};

extern "C" void sayAndLeave(int signal_number) {
  // A message that cannot be written has no one to read it.
  const ssize_t written = ::write(STDERR_FILENO, notice.data(), notice_size);
  static_cast<void>(written);
  ::_exit(128 + signal_number);
}

void setHandler(void (*handler)(int)) {
  struct sigaction action {};
  action.sa_handler = handler;
  sigemptyset(&action.sa_mask);
  for (const int number : watched_signals) ::sigaction(number, &action, nullptr);
}

}  // namespace

InterruptNotice::InterruptNotice(const std::string& message) {
  const std::string text = "\n" + message + "\n";
  notice_size = std::min(text.size(), notice.size());
  std::copy_n(text.data(), notice_size, notice.data());
  setHandler(sayAndLeave);
}

InterruptNotice::~InterruptNotice() {
  setHandler(SIG_DFL);
}

}  // namespace scanhost::ctl
