// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// A local scanner that does what the scan's name says, most of it what no plugin should.
#include <dirent.h>
#include <fcntl.h>
#include <scanhost/plugin.h>
#include <scanhost/scanner.h>
#include <signal.h>
#include <spawn.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <functional>
#include <map>
#include <thread>
#include <vector>

namespace {

using namespace scanhost;

constexpr char manifest[] = R"json({
  "name": "scanner-wild", "version": "3.2.1", "vendor": "scanhost contributors",
  "licence": "Apache-2.0", "abi": {"major": 1},
  "provides": [{"interface": "scanhost.scanner.local/1"}],
  "max_parallel": 64,
  "config_schema": {"type": "object", "additionalProperties": false,
   "properties": {"token": {"type": "string", "x-secret": true},
                  "word_list": {"type": "string", "x-access": "read"}}}
})json";

/// Not inlined, so that a backtrace has it.
[[gnu::noinline]] void writeToNull() {
  int* volatile nowhere = nullptr;
  *nowhere = 1;
}

[[gnu::noinline]] int overflowStack(int depth) {
  volatile char room[4096] = {};
  room[0] = static_cast<char>(depth);
  return depth < 0 ? 0 : overflowStack(depth + 1) + room[0];
}

std::string outcomeOf(int result) {
  return result < 0 ? std::strerror(errno) : "done";
}

std::string openOutcome(const std::string& path, int flags) {
  const int fd = open(path.c_str(), flags, 0600);
  const std::string outcome = outcomeOf(fd);
  if (fd >= 0) close(fd);
  return outcome;
}

std::string runOutcome() {
  pid_t child = -1;
  char name[] = "/bin/true";
  char* const arguments[] = {name, nullptr};
  const int failed = posix_spawn(&child, name, nullptr, nullptr, arguments, nullptr);
  if (failed != 0) return std::strerror(failed);
  waitpid(child, nullptr, 0);
  return "done";
}

class WildScanner : public LocalScanner {
 public:
  explicit WildScanner(const Settings& settings)
      : token_(settings["token"].asString()), word_list_(settings["word_list"].asString()) {}

  Summary scan(const ScanRequest& request, FindingSink& sink, Call& call) override {
    const std::string deed = request.name.substr(0, request.name.find(' '));
    const std::string about =
        deed.size() < request.name.size() ? request.name.substr(deed.size() + 1) : "";
    FindingRecord finding;
    finding.host = "10.0.0.1";
    finding.check_id = deed;
    finding.output = act(deed, about, request, sink, call);
    sink.emit(std::move(finding));
    sink.host({"10.0.0.1", true, 0, {}});
    Summary summary;
    summary.complete = true;
    summary.hosts_answered = 1;
    return summary;
  }

 private:
  /// What came of it.
  std::string act(const std::string& deed, const std::string& about, const ScanRequest& request,
                  FindingSink& sink, Call& call) {
    if (deed == "crash") writeToNull();
    if (deed == "overflow") return std::to_string(overflowStack(0));
    if (deed == "abort") std::abort();
    if (deed == "exit") _exit(7);
    if (deed == "throw") throw 42;
    if (deed == "complain") {
      std::fprintf(stderr, "the token is %s and the password %s\n", token_.c_str(),
                   request.credential ? (*request.credential)["password"].c_str() : "");
      std::fflush(stderr);
      writeToNull();
    }
    if (deed == "block") pause();
    if (deed == "wait") {
      while (!call.cancelled()) std::this_thread::sleep_for(std::chrono::milliseconds(5));
      call.check();
    }
    if (deed == "leak") {
      std::vector<std::string> kept;
      for (;;) kept.emplace_back(1u << 20, 'x');
    }
    if (deed == "flood") {
      for (int i = 0; i < std::atoi(about.c_str()); ++i) call.log(LogLevel::info, "flood");
      return "flooded";
    }
    if (deed == "many") {
      for (int i = 0; i < std::atoi(about.c_str()); ++i) {
        FindingRecord finding;
        finding.host = "10.0.0.1";
        finding.check_id = "many";
        finding.check_name = "One of many";
        finding.synopsis = "What a scanner says of a weakness in a sentence or two.";
        finding.cve = {"CVE-2021-0001"};
        finding.severity = Severity::medium;
        sink.emit(std::move(finding));
      }
      return "told";
    }
    if (deed == "read") return openOutcome(about, O_RDONLY);
    if (deed == "word-list") return openOutcome(word_list_, O_RDONLY);
    if (deed == "write") return openOutcome(about, O_WRONLY | O_CREAT);
    if (deed == "run") return runOutcome();
    if (deed == "kill") return outcomeOf(kill(getppid(), SIGTERM));
    if (deed == "trace") return outcomeOf(static_cast<int>(ptrace(PTRACE_ATTACH, getppid(), 0, 0)));
    if (deed == "limit") {
      const rlimit one{1, 1};
      return outcomeOf(prlimit(getppid(), RLIMIT_CPU, &one, nullptr));
    }
    if (deed == "priority")
      return outcomeOf(setpriority(PRIO_PROCESS, static_cast<id_t>(getppid()), 5));
    if (deed == "own-signals") return outcomeOf(fcntl(0, F_SETOWN, getppid()));
    if (deed == "mode") return outcomeOf(chmod(about.c_str(), 0777));
    if (deed == "newer-mode")
      return outcomeOf(static_cast<int>(syscall(452, AT_FDCWD, about.c_str(), 0777, 0)));
    if (deed == "hidden-memory")
      return outcomeOf(static_cast<int>(syscall(SYS_memfd_create, "x", 0)));
    if (deed == "capabilities") {
      std::ifstream status("/proc/self/status");
      for (std::string line; std::getline(status, line);)
        if (line.rfind("CapEff:", 0) == 0) return line.substr(line.find_last_of("\t ") + 1);
      return "unknown";
    }
    if (deed == "unix-socket") return outcomeOf(socket(AF_UNIX, SOCK_STREAM, 0));
    if (deed == "inet-socket") return outcomeOf(socket(AF_INET, SOCK_STREAM, 0));
    if (deed == "process") return std::to_string(getpid());
    return "nothing to do";
  }

  const std::string token_, word_list_;
};

}  // namespace

SCANHOST_PLUGIN(manifest, WildScanner)
