// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "host/ctl/child_program.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

#include "host/base/unique_fd.h"

namespace scanhost::ctl {
namespace {

using Clock = std::chrono::steady_clock;

/// What the child's standard streams are.
class StreamActions {
 public:
  explicit StreamActions(int output) {
    ::posix_spawn_file_actions_init(&actions_);
    ::posix_spawn_file_actions_addopen(&actions_, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    ::posix_spawn_file_actions_adddup2(&actions_, output, STDOUT_FILENO);
    ::posix_spawn_file_actions_adddup2(&actions_, output, STDERR_FILENO);
  }
  ~StreamActions() { ::posix_spawn_file_actions_destroy(&actions_); }
  StreamActions(const StreamActions&) = delete;
  StreamActions& operator=(const StreamActions&) = delete;

  const posix_spawn_file_actions_t* get() const { return &actions_; }

 private:
  posix_spawn_file_actions_t actions_;
};

/// Reads to the end, so that the program never blocks on a full pipe; keeps the first part. False
/// when the time is up first.
bool readUntil(Clock::time_point end, int pipe, std::size_t keep, std::string& text) {
  std::array<char, 4096> piece;
  for (;;) {
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(end - Clock::now());
    if (left.count() <= 0) return false;
    pollfd waited{pipe, POLLIN, 0};
    const int ready = ::poll(&waited, 1, static_cast<int>(left.count()));
    if (ready == 0) return false;
    if (ready < 0 && errno == EINTR) continue;
    const ssize_t got = ::read(pipe, piece.data(), piece.size());
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return true;
    text.append(piece.data(), std::min(static_cast<std::size_t>(got), keep - text.size()));
  }
}

int exitCodeOf(pid_t child) {
  int state = 0;
  while (::waitpid(child, &state, 0) < 0 && errno == EINTR) {
  }
  return WIFEXITED(state) ? WEXITSTATUS(state) : 128 + WTERMSIG(state);
}

}  // namespace

ChildOutcome runChild(const std::string& program, const std::vector<std::string>& arguments,
                      const ChildLimits& limits) {
  const auto failed = [&](int reason) {
    ChildOutcome outcome;
    outcome.output = program + ": " + std::strerror(reason);
    return outcome;
  };
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) return failed(errno);
  const UniqueFd out(ends[0]);
  UniqueFd in(ends[1]);
  std::vector<std::string> copies = arguments;
  std::string name = program;
  std::vector<char*> words = {name.data()};
  for (std::string& word : copies) words.push_back(word.data());
  words.push_back(nullptr);
  const StreamActions actions(in.get());
  pid_t child = -1;
  const int refused =
      ::posix_spawn(&child, program.c_str(), actions.get(), nullptr, words.data(), environ);
  if (refused != 0) return failed(refused);
  in.reset();

  ChildOutcome outcome;
  outcome.started = true;
  outcome.timed_out =
      !readUntil(Clock::now() + limits.time, out.get(), limits.output_bytes, outcome.output);
  if (outcome.timed_out) ::kill(child, SIGKILL);
  outcome.exit_code = exitCodeOf(child);
  return outcome;
}

}  // namespace scanhost::ctl
