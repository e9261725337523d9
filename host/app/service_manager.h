// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// What the service manager is told of this process: the sd_notify protocol, one datagram for each
/// word, to the socket that NOTIFY_SOCKET names (sd_notify(3)). Without one, nothing is told.
///
/// It is ours rather than libsystemd's, which would bring four compression and cryptographic
/// libraries into the process for one sendmsg. Words that cannot be delivered are dropped: the
/// manager's own timeouts decide what follows. Any thread.
#pragma once

#include <sys/socket.h>
#include <sys/un.h>

#include <chrono>
#include <string>
#include <string_view>

namespace scanhost {

class ServiceManager {
 public:
  /// Takes NOTIFY_SOCKET, WATCHDOG_USEC and WATCHDOG_PID out of the environment, lest a child
  /// speaks for us. Call it before the first thread.
  static ServiceManager ofEnvironment();

  /// `socket`: a path, or '@' and a name in the abstract namespace; empty: nobody listens.
  /// `watchdog`: how long alive() may stay away; zero: for ever.
  ServiceManager(std::string_view socket, std::chrono::microseconds watchdog);
  ~ServiceManager();
  ServiceManager(const ServiceManager&) = delete;
  ServiceManager& operator=(const ServiceManager&) = delete;

  bool listens() const { return socket_ >= 0; }
  std::chrono::microseconds watchdog() const { return watchdog_; }

  void ready(std::string_view status) const;
  /// With the time, which systemd 253 and later want; ready() ends it.
  void reloading() const;
  void stopping(std::string_view status) const;
  /// One line for `systemctl status`.
  void status(std::string_view text) const;
  /// Feeds the watchdog.
  void alive() const;
  /// Start or stop may take this long from now on.
  void extendTimeout(std::chrono::microseconds time) const;

 private:
  void tell(std::string_view words) const;

  int socket_ = -1;
  sockaddr_un address_{};
  socklen_t address_size_ = 0;
  std::chrono::microseconds watchdog_;
};

}  // namespace scanhost
