// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// A thread of a program under test that stands still, as one that hangs does.
#pragma once

#include <sys/ptrace.h>
#include <sys/types.h>
#include <sys/wait.h>

#include <filesystem>
#include <fstream>
#include <string>

namespace scanhost::integration {

/// Stops one thread of another process, as a debugger does.
class StoppedThread {
 public:
  explicit StoppedThread(pid_t thread) : thread_(thread) {
    seized_ = ptrace(PTRACE_SEIZE, thread, nullptr, nullptr) == 0 &&
              ptrace(PTRACE_INTERRUPT, thread, nullptr, nullptr) == 0 &&
              waitpid(thread, nullptr, __WALL) == thread;
  }
  ~StoppedThread() {
    if (seized_) ptrace(PTRACE_DETACH, thread_, nullptr, nullptr);
  }
  StoppedThread(const StoppedThread&) = delete;
  StoppedThread& operator=(const StoppedThread&) = delete;
  bool isStopped() const { return seized_; }

 private:
  const pid_t thread_;
  bool seized_ = false;
};

/// Its id; -1 where the process has none of that name.
inline pid_t threadNamed(pid_t process, const std::string& name) {
  for (const auto& thread :
       std::filesystem::directory_iterator("/proc/" + std::to_string(process) + "/task")) {
    std::string its_name;
    std::getline(std::ifstream(thread.path() / "comm") >> std::ws, its_name);
    if (its_name == name) return std::stoi(thread.path().filename().string());
  }
  return -1;
}

}  // namespace scanhost::integration
