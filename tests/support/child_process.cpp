// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "tests/support/child_process.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <system_error>
#include <thread>

namespace scanhost::testing_support {
namespace {

std::string contents(int file) {
  std::string text;
  std::array<char, 65536> block;
  for (;;) {
    const ssize_t got = pread(file, block.data(), block.size(), static_cast<off_t>(text.size()));
    if (got <= 0) return text;
    text.append(block.data(), static_cast<std::size_t>(got));
  }
}

[[noreturn]] void become(const Command& command, int out, int err) {
  dup2(open("/dev/null", O_RDONLY), STDIN_FILENO);
  dup2(out, STDOUT_FILENO);
  dup2(err, STDERR_FILENO);
  if (!command.folder.empty() && chdir(command.folder.c_str()) != 0) _exit(126);
  for (const auto& [name, value] : command.environment) setenv(name.c_str(), value.c_str(), 1);
  std::vector<char*> words;
  for (const std::string& word : command.words) words.push_back(const_cast<char*>(word.c_str()));
  words.push_back(nullptr);
  execvp(words[0], words.data());
  dprintf(STDERR_FILENO, "%s cannot be started\n", words[0]);
  _exit(127);
}

}  // namespace

ChildProcess::ChildProcess(const Command& command)
    : out_(memfd_create("stdout", MFD_CLOEXEC)), err_(memfd_create("stderr", MFD_CLOEXEC)) {
  pid_ = fork();
  if (pid_ < 0) throw std::system_error(errno, std::generic_category(), "fork");
  if (pid_ == 0) become(command, out_, err_);
}

ChildProcess::~ChildProcess() {
  if (!ended(false)) {
    signal(SIGKILL);
    ended(true);
  }
  close(out_);
  close(err_);
}

void ChildProcess::signal(int number) const {
  if (!exit_code_) kill(pid_, number);
}

bool ChildProcess::ended(bool block) {
  if (exit_code_) return true;
  int status = 0;
  if (waitpid(pid_, &status, block ? 0 : WNOHANG) != pid_) return false;
  exit_code_ = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  return true;
}

int ChildProcess::wait(std::chrono::milliseconds limit) {
  const auto until = std::chrono::steady_clock::now() + limit;
  while (!ended(false)) {
    if (std::chrono::steady_clock::now() >= until) {
      signal(SIGKILL);
      ended(true);
      break;
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  return *exit_code_;
}

std::string ChildProcess::out() const {
  return contents(out_);
}
std::string ChildProcess::err() const {
  return contents(err_);
}

bool ChildProcess::waitFor(const std::string& text, std::chrono::milliseconds limit) {
  const auto until = std::chrono::steady_clock::now() + limit;
  for (;;) {
    const bool over = ended(false) || std::chrono::steady_clock::now() >= until;
    if (out().find(text) != std::string::npos || err().find(text) != std::string::npos) return true;
    if (over) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
}

Finished run(const Command& command, std::chrono::milliseconds limit) {
  ChildProcess child(command);
  const int exit_code = child.wait(limit);
  return {exit_code, child.out(), child.err()};
}

}  // namespace scanhost::testing_support
