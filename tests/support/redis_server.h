// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// A real redis-server (or Sentinel) on a free loopback port, in a folder of its own, ended by its
/// pid: for tests.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "tests/support/child_process.h"
#include "tests/support/folder.h"

namespace scanhost::testing_support {

/// A port that was free a moment ago.
unsigned short freePort();

class RedisServer {
 public:
  /// `more` joins its command line, as in {"--appendfsync", "always"}.
  explicit RedisServer(const std::vector<std::string>& more = {});

  unsigned short port() const { return port_; }
  std::string url() const { return "redis://127.0.0.1:" + std::to_string(port_) + "/0"; }
  pid_t pid() const { return process_->pid(); }
  std::string folder() const { return folder_.path().string(); }

  void signal(int number) const { process_->signal(number); }
  /// Ends it with a signal.
  void end(int number);
  /// Starts it again over the same folder and port.
  void restart(const std::vector<std::string>& more = {});
  /// What redis-cli says to these words.
  std::string cli(const std::vector<std::string>& words) const;

 private:
  Folder folder_;
  unsigned short port_;
  std::vector<std::string> more_;
  std::unique_ptr<ChildProcess> process_;
};

/// A Sentinel that alone decides about a failover, quickly.
class RedisSentinel {
 public:
  RedisSentinel(const std::string& master_name, unsigned short master_port);

  std::string address() const { return "127.0.0.1:" + std::to_string(port_); }
  std::string cli(const std::vector<std::string>& words) const;

 private:
  Folder folder_;
  unsigned short port_;
  std::unique_ptr<ChildProcess> process_;
};

}  // namespace scanhost::testing_support
