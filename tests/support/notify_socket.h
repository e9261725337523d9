// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// The service manager's end of the sd_notify protocol: hears what a program under test tells it.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "tests/support/folder.h"

namespace scanhost::testing_support {

class NotifySocket {
 public:
  NotifySocket();
  ~NotifySocket();
  NotifySocket(const NotifySocket&) = delete;
  NotifySocket& operator=(const NotifySocket&) = delete;

  /// For NOTIFY_SOCKET.
  std::string path() const { return path_; }
  /// The next datagram; nothing when none came in time.
  std::optional<std::string> next(std::chrono::milliseconds limit = std::chrono::seconds(30));
  /// The next datagram that holds `text`, past others; empty when none came in time.
  std::string waitFor(const std::string& text,
                      std::chrono::milliseconds limit = std::chrono::seconds(30));

 private:
  Folder folder_;
  std::string path_;
  int socket_ = -1;
};

}  // namespace scanhost::testing_support
