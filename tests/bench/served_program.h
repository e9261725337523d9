// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// A server as a child process on a free loopback port, and a connection to it that keeps itself
/// as small as it can, so that what is measured is the server. One thread.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <string>
#include <vector>

namespace scanhost::bench {

class ServedProgram {
 public:
  /// Starts it and reads what it says until a line holds `sign` and, after it, 127.0.0.1 and a
  /// port. Ends this program when that does not come.
  ServedProgram(const std::vector<std::string>& words, const std::string& sign);
  /// SIGTERM, then waits.
  ~ServedProgram();
  ServedProgram(const ServedProgram&) = delete;
  ServedProgram& operator=(const ServedProgram&) = delete;

  /// From just before the fork to the sign.
  std::chrono::nanoseconds timeToSign() const { return to_sign_; }
  std::chrono::steady_clock::time_point began() const { return began_; }
  unsigned short port() const { return port_; }
  pid_t pid() const { return pid_; }
  /// The line of the sign, from the sign on.
  const std::string& line() const { return line_; }
  /// Kilobytes, by that name of /proc/<pid>/status: "VmRSS".
  double memory(const std::string& name) const;
  /// Processor time it used so far.
  std::chrono::nanoseconds processorTime() const;

 private:
  pid_t pid_ = -1;
  int error_output_ = -1;
  std::string line_;
  unsigned short port_ = 0;
  std::chrono::steady_clock::time_point began_;
  std::chrono::nanoseconds to_sign_{};
};

/// A kept-alive connection to 127.0.0.1.
class Connection {
 public:
  explicit Connection(unsigned short port);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  /// Sends a whole request and reads a whole answer (which must have a Content-Length); its status,
  /// 0 when the connection failed.
  int exchange(const std::string& request);
  /// Of the last answer.
  const std::string& answer() const { return answer_; }
  /// -1 when it could not be made.
  int descriptor() const { return socket_; }

 private:
  int socket_ = -1;
  std::string answer_;
};

}  // namespace scanhost::bench
