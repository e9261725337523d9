// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// Clients that ask, wait for the whole answer and ask again, all on one thread.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace scanhost::bench {

struct LoadFigures {
  double per_second = 0;
  double p50_us = 0, p99_us = 0, longest_us = 0;
  std::uint64_t failed = 0;  ///< other than 200, or a connection that ended
};

/// Keeps its connections from run to run. Ends this program when one cannot be made.
class Load {
 public:
  Load(unsigned short port, int connections, std::string request);
  ~Load();
  Load(const Load&) = delete;
  Load& operator=(const Load&) = delete;

  LoadFigures run(std::chrono::milliseconds duration);

 private:
  class Client;

  int epoll_ = -1;
  const std::string request_;
  std::vector<std::unique_ptr<Client>> clients_;
};

/// This thread, and what it forks from now on, runs on that processor alone.
void pinTo(int processor);

}  // namespace scanhost::bench
