// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "tests/conformance/process_state.h"

#include <fcntl.h>
#include <locale.h>
#include <malloc.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <thread>

extern char** environ;

namespace scanhost::conformance {
namespace {

std::vector<int> numbersIn(const char* folder) {
  std::vector<int> numbers;
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(folder, error))
    numbers.push_back(std::atoi(entry.path().filename().c_str()));
  return numbers;
}

std::string threadName(int id) {
  std::ifstream file("/proc/self/task/" + std::to_string(id) + "/comm");
  std::string name;
  std::getline(file, name);
  return name;
}

std::string dispositionOf(int signal) {
  struct sigaction action {};
  if (sigaction(signal, nullptr, &action) != 0) return "none";
  if ((action.sa_flags & SA_SIGINFO) == 0 && action.sa_handler == SIG_DFL) return "the default";
  if ((action.sa_flags & SA_SIGINFO) == 0 && action.sa_handler == SIG_IGN) return "ignored";
  return "a handler";
}

mode_t fileMask() {
  const mode_t mask = umask(0);
  umask(mask);
  return mask;
}

}  // namespace

Holdings Holdings::now() {
  Holdings holdings;
  std::error_code error;
  for (const int fd : numbersIn("/proc/self/fd")) {
    const auto target = std::filesystem::read_symlink("/proc/self/fd/" + std::to_string(fd), error);
    if (!error) holdings.descriptors[fd] = target.string();
  }
  for (const int id : numbersIn("/proc/self/task")) holdings.threads.insert(id);
  return holdings;
}

std::vector<std::string> Holdings::beyond(const Holdings& before) const {
  std::vector<std::string> lines;
  for (const auto& [fd, target] : descriptors)
    if (!before.descriptors.count(fd))
      lines.push_back("descriptor " + std::to_string(fd) + " (" + target + ")");
  for (const int id : threads)
    if (!before.threads.count(id))
      lines.push_back("thread " + std::to_string(id) + " (" + threadName(id) + ")");
  return lines;
}

std::vector<std::string> leftBehind(const Holdings& before) {
  std::vector<std::string> lines;
  for (int tries = 0; tries < 50; ++tries) {
    lines = Holdings::now().beyond(before);
    if (lines.empty()) break;
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  return lines;
}

std::map<std::string, std::string> processSettings() {
  std::map<std::string, std::string> settings;
  for (int signal = 1; signal < SIGRTMIN; ++signal)
    settings[std::string("what signal ") + std::to_string(signal) + " (" + strsignal(signal) +
             ") does"] = dispositionOf(signal);
  std::error_code error;
  settings["the working folder"] = std::filesystem::current_path(error).string();
  settings["the file mask"] = std::to_string(fileMask());
  settings["the locale"] = setlocale(LC_ALL, nullptr);
  for (const int resource : {RLIMIT_CORE, RLIMIT_NOFILE, RLIMIT_STACK, RLIMIT_AS, RLIMIT_CPU}) {
    rlimit limit{};
    getrlimit(static_cast<__rlimit_resource>(resource), &limit);
    settings["limit " + std::to_string(resource)] =
        std::to_string(limit.rlim_cur) + "/" + std::to_string(limit.rlim_max);
  }
  for (char** variable = environ; variable && *variable; ++variable) {
    const std::string text = *variable;
    const std::size_t equals = text.find('=');
    settings["the variable " + text.substr(0, equals)] =
        equals == std::string::npos ? "" : text.substr(equals + 1);
  }
  return settings;
}

std::set<int> childProcesses() {
  std::set<int> children;
  for (const int thread : numbersIn("/proc/self/task")) {
    std::ifstream file("/proc/self/task/" + std::to_string(thread) + "/children");
    for (int child = 0; file >> child;) children.insert(child);
  }
  return children;
}

std::vector<std::string> changes(const std::map<std::string, std::string>& before,
                                 const std::map<std::string, std::string>& after) {
  std::vector<std::string> lines;
  for (const auto& [name, value] : after) {
    const auto found = before.find(name);
    if (found == before.end())
      lines.push_back(name + " is new");
    else if (found->second != value)
      lines.push_back(name + " was " + found->second + " and is " + value);
  }
  for (const auto& [name, value] : before)
    if (!after.count(name)) lines.push_back(name + " is gone");
  return lines;
}

std::size_t allocatedBytes() {
  const struct mallinfo2 info = mallinfo2();
  return info.uordblks + info.hblkhd;
}

CapturedOutput::CapturedOutput()
    : file_(memfd_create("output", MFD_CLOEXEC)),
      out_(fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 3)),
      err_(fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 3)) {
  std::fflush(nullptr);
  dup2(file_, STDOUT_FILENO);
  dup2(file_, STDERR_FILENO);
}

CapturedOutput::~CapturedOutput() {
  std::fflush(nullptr);
  dup2(out_, STDOUT_FILENO);
  dup2(err_, STDERR_FILENO);
  for (const int fd : {file_, out_, err_}) close(fd);
}

std::string CapturedOutput::text() const {
  std::fflush(nullptr);
  std::string text;
  char buffer[4096];
  for (off_t at = 0;;) {
    const ssize_t count = pread(file_, buffer, sizeof buffer, at);
    if (count <= 0) return text;
    text.append(buffer, static_cast<std::size_t>(count));
    at += count;
  }
}

std::string joined(const std::vector<std::string>& lines) {
  constexpr std::size_t most = 4;
  std::string text;
  for (std::size_t i = 0; i < std::min(most, lines.size()); ++i)
    text += (text.empty() ? "" : "; ") + lines[i];
  if (lines.size() > most) text += "; and " + std::to_string(lines.size() - most) + " more";
  return text;
}

}  // namespace scanhost::conformance
