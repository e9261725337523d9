// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// One scanhost-runner, from its start to its end: the process, its connection, its standard error.
///
/// It dies with the thread that started it. `send` of the channel and `kill` may come from any
/// thread, the rest from that one.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <filesystem>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "host/base/result.h"
#include "host/base/unique_fd.h"
#include "host/runner/frame.h"
#include "host/runner/messages.h"

namespace scanhost {

class RunnerProcess {
 public:
  struct End {
    int signal = 0;      ///< 0 when none ended it
    int exit_code = -1;  ///< -1 when a signal did
    std::optional<runner::CrashRecord> crash;
  };

  /// Where its standard output goes: with its errors, or where this process's goes.
  enum class Output { with_errors, inherited };

  /// `plugin` is lent: the runner gets a copy of the descriptor. Config when `program` cannot be
  /// started.
  static Result<std::unique_ptr<RunnerProcess>> spawn(const std::filesystem::path& program,
                                                      const UniqueFd& plugin, Output output);
  /// Kills what still runs.
  ~RunnerProcess();
  RunnerProcess(const RunnerProcess&) = delete;
  RunnerProcess& operator=(const RunnerProcess&) = delete;

  runner::FrameChannel& channel() { return channel_; }
  int errorOutput() const { return error_output_.get(); }
  pid_t pid() const { return pid_; }

  /// SIGKILL for the runner and all that it started.
  void kill();
  /// Waits for its end, killing it after `grace`.
  End reap(std::chrono::milliseconds grace);

 private:
  RunnerProcess(pid_t pid, UniqueFd socket, UniqueFd error_output, UniqueFd crash);
  bool tryReap(int& status);
  std::optional<runner::CrashRecord> readCrash() const;

  const pid_t pid_;
  runner::FrameChannel channel_;
  const UniqueFd error_output_, crash_;
  std::mutex reaping_;
  bool reaped_ = false;  ///< guarded by `reaping_`
};

}  // namespace scanhost
