// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// Keeps SIGPIPE from ending the program that uses the library.
///
/// Poco writes to sockets without MSG_NOSIGNAL, so a service that closes a kept connection would
/// kill its clients. A library may not change the program's signal handling, hence this: the
/// signal is held back for the calling thread, and one that came meanwhile is taken off again.
#pragma once

#include <signal.h>
#include <time.h>

namespace scanhost::client {

class BrokenPipeShield {
 public:
  BrokenPipeShield() {
    sigemptyset(&broken_pipe_);
    sigaddset(&broken_pipe_, SIGPIPE);
    pending_before_ = isPending();
    ::pthread_sigmask(SIG_BLOCK, &broken_pipe_, &mask_before_);
  }
  ~BrokenPipeShield() {
    const timespec at_once{};
    if (!pending_before_ && isPending()) ::sigtimedwait(&broken_pipe_, nullptr, &at_once);
    ::pthread_sigmask(SIG_SETMASK, &mask_before_, nullptr);
  }
  BrokenPipeShield(const BrokenPipeShield&) = delete;
  BrokenPipeShield& operator=(const BrokenPipeShield&) = delete;

 private:
  static bool isPending() {
    sigset_t pending;
    return ::sigpending(&pending) == 0 && sigismember(&pending, SIGPIPE) == 1;
  }

  sigset_t broken_pipe_;
  sigset_t mask_before_;
  bool pending_before_ = false;
};

}  // namespace scanhost::client
