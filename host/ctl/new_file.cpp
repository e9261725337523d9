// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "host/ctl/new_file.h"

#include <signal.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <stdexcept>
#include <string>

#include "host/base/durable_file.h"
#include "host/ctl/exit_code.h"

namespace scanhost::ctl {
namespace {

/// Holds signals back until it goes.
class SignalsLater {
 public:
  SignalsLater() {
    sigemptyset(&held_);
    for (const int number : signals) sigaddset(&held_, number);
    ::sigprocmask(SIG_BLOCK, &held_, &before_);
  }
  ~SignalsLater() { ::sigprocmask(SIG_SETMASK, &before_, nullptr); }
  SignalsLater(const SignalsLater&) = delete;
  SignalsLater& operator=(const SignalsLater&) = delete;

  bool anyCame() const {
    sigset_t pending;
    ::sigpending(&pending);
    for (const int number : signals)
      if (sigismember(&pending, number) == 1) return true;
    return false;
  }

 private:
  static constexpr std::array signals = {SIGINT, SIGTERM, SIGHUP};
  sigset_t held_, before_;
};

UsageError unusable(const std::filesystem::path& file, int reason) {
  if (reason == EEXIST)
    return UsageError(file.string() +
                      " is there already and is kept; name another file by --output");
  return UsageError(file.string() + " cannot be made: " + std::strerror(reason) +
                    "; name a file in another folder by --output");
}

}  // namespace

void writeNewFile(const std::filesystem::path& file, std::string_view bytes) {
  const SignalsLater later;
  checkNewFile(file);
  if (const Status made = createDurably(file, bytes, 0600); !made)
    throw std::runtime_error(made.error().message);
  if (later.anyCame()) ::unlink(file.c_str());
}

void checkNewFile(const std::filesystem::path& file) {
  std::error_code error;
  if (std::filesystem::exists(std::filesystem::symlink_status(file, error)))
    throw unusable(file, EEXIST);
  const auto folder = file.has_parent_path() ? file.parent_path() : std::filesystem::path(".");
  if (::access(folder.c_str(), W_OK | X_OK) != 0) throw unusable(file, errno);
}

}  // namespace scanhost::ctl
