// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "host/plugins/runner_process.h"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <thread>

#include "host/base/error_text.h"

namespace scanhost {
namespace {

using namespace std::chrono_literals;

constexpr auto patience = 10s;     ///< for a runner that takes nothing of what is sent
constexpr int first_free_fd = 16;  ///< above those that a runner is started with

UniqueFd raised(int fd) {
  const UniqueFd low(fd);
  return UniqueFd(fcntl(low.get(), F_DUPFD_CLOEXEC, first_free_fd));
}

/// Two connected descriptors, first ours, then the runner's.
struct Ends {
  UniqueFd ours, theirs;
  explicit operator bool() const { return ours && theirs; }
};

Ends socketEnds() {
  int ends[2];
  if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0) return {};
  return {raised(ends[0]), raised(ends[1])};
}

Ends pipeEnds() {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) return {};
  fcntl(ends[0], F_SETFL, O_NONBLOCK);
  return {raised(ends[0]), raised(ends[1])};
}

/// posix_spawn's two objects, freed with this.
class SpawnPlan {
 public:
  SpawnPlan() {
    posix_spawn_file_actions_init(&actions);
    posix_spawnattr_init(&attributes);
    sigset_t none, all;
    sigemptyset(&none);
    sigfillset(&all);
    posix_spawnattr_setsigmask(&attributes, &none);
    posix_spawnattr_setsigdefault(&attributes, &all);
    posix_spawnattr_setpgroup(&attributes, 0);
    posix_spawnattr_setflags(
        &attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP);
  }
  ~SpawnPlan() {
    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&actions);
  }
  SpawnPlan(const SpawnPlan&) = delete;
  SpawnPlan& operator=(const SpawnPlan&) = delete;

  void give(const UniqueFd& fd, int as) {
    posix_spawn_file_actions_adddup2(&actions, fd.get(), as);
  }

  posix_spawn_file_actions_t actions;
  posix_spawnattr_t attributes;
};

}  // namespace

Result<std::unique_ptr<RunnerProcess>> RunnerProcess::spawn(const std::filesystem::path& program,
                                                            const UniqueFd& plugin, Output output) {
  Ends socket = socketEnds(), errors = pipeEnds(), crash = pipeEnds();
  const UniqueFd file(fcntl(plugin.get(), F_DUPFD_CLOEXEC, first_free_fd));
  if (!socket || !errors || !crash || !file)
    return fail(ErrorClass::transient, "no descriptors for a runner: " + errorText(errno));
  SpawnPlan plan;
  posix_spawn_file_actions_addopen(&plan.actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  if (output == Output::with_errors) plan.give(errors.theirs, STDOUT_FILENO);
  plan.give(errors.theirs, STDERR_FILENO);
  plan.give(socket.theirs, runner::socket_fd);
  plan.give(file, runner::plugin_fd);
  plan.give(crash.theirs, runner::crash_fd);
  posix_spawn_file_actions_addclosefrom_np(&plan.actions, runner::crash_fd + 1);
  std::string name = program.string(), path = "PATH=/usr/bin:/bin", language = "LANG=C.UTF-8";
  char* const arguments[] = {name.data(), nullptr};
  char* const environment[] = {path.data(), language.data(), nullptr};
  pid_t pid = -1;
  const int failed =
      posix_spawn(&pid, name.c_str(), &plan.actions, &plan.attributes, arguments, environment);
  if (failed != 0)
    return fail(ErrorClass::config, name + " cannot be started: " + errorText(failed) +
                                        "; it belongs beside scanhost, or set plugins.runner");
  return std::unique_ptr<RunnerProcess>(new RunnerProcess(
      pid, std::move(socket.ours), std::move(errors.ours), std::move(crash.ours)));
}

RunnerProcess::RunnerProcess(pid_t pid, UniqueFd socket, UniqueFd error_output, UniqueFd crash)
    : pid_(pid),
      channel_(std::move(socket), patience),
      error_output_(std::move(error_output)),
      crash_(std::move(crash)) {}

RunnerProcess::~RunnerProcess() {
  if (!reaped_) reap(0ms);
}

void RunnerProcess::kill() {
  const std::lock_guard lock(reaping_);
  if (!reaped_) ::kill(-pid_, SIGKILL);
}

/// Whether it has ended; its number may be another's from then on.
bool RunnerProcess::tryReap(int& status) {
  const std::lock_guard lock(reaping_);
  const pid_t ended = waitpid(pid_, &status, WNOHANG);
  if (ended == 0 || (ended < 0 && errno == EINTR)) return false;
  ::kill(-pid_, SIGKILL);  // what it started and left behind, which keeps the group's number taken
  reaped_ = true;
  return true;
}

RunnerProcess::End RunnerProcess::reap(std::chrono::milliseconds grace) {
  constexpr auto step = 2ms;
  int status = 0;
  bool ended = tryReap(status);
  for (auto waited = 0ms; !ended && waited < grace; waited += step) {
    std::this_thread::sleep_for(step);
    ended = tryReap(status);
  }
  if (!ended) kill();
  while (!ended) {
    std::this_thread::sleep_for(step);
    ended = tryReap(status);
  }
  End end;
  if (WIFSIGNALED(status)) end.signal = WTERMSIG(status);
  if (WIFEXITED(status)) end.exit_code = WEXITSTATUS(status);
  end.crash = readCrash();
  return end;
}

std::optional<runner::CrashRecord> RunnerProcess::readCrash() const {
  runner::CrashRecord record;
  if (read(crash_.get(), &record, sizeof record) != static_cast<ssize_t>(sizeof record) ||
      record.magic != runner::CrashRecord::magic_number ||
      record.frame_count > runner::CrashRecord::max_frames)
    return std::nullopt;
  for (auto& frame : record.frames) frame.module[runner::CrashRecord::module_bytes - 1] = 0;
  return record;
}

}  // namespace scanhost
