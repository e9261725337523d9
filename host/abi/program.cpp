// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "host/abi/program.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>

#include "host/base/error_text.h"
#include "host/base/time.h"
#include "host/base/unique_fd.h"

namespace scanhost {
namespace {

constexpr std::size_t max_error_tail = 4096;
/// What is still in the pipes once the group is gone is read, but what left the group may hold them
/// open and write on: reading ends after this silence, or what pipes can hold.
constexpr std::int64_t drain_ns = 500'000'000;
constexpr std::size_t max_drain = 4u << 20;

/// Above the standard descriptors, so that moving one onto those cannot overwrite another.
UniqueFd raised(UniqueFd fd) {
  return UniqueFd(fcntl(fd.get(), F_DUPFD_CLOEXEC, 16));
}

struct Pipe {
  UniqueFd read;
  UniqueFd write;

  bool open() {
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0) return false;
    read = raised(UniqueFd(ends[0]));
    write = raised(UniqueFd(ends[1]));
    return read && write;
  }
};

void makeNonBlocking(const UniqueFd& fd) {
  fcntl(fd.get(), F_SETFL, fcntl(fd.get(), F_GETFL) | O_NONBLOCK);
}

/// argv or envp: the pointers that execve takes, over strings that outlive it.
std::vector<char*> pointersTo(std::vector<std::string>& strings) {
  std::vector<char*> pointers;
  for (std::string& string : strings) pointers.push_back(string.data());
  pointers.push_back(nullptr);
  return pointers;
}

Status checkSpec(const ChildProgram& spec) {
  const auto has_nul = [](const std::string& text) { return text.find('\0') != std::string::npos; };
  if (spec.program.empty() || spec.program[0] != '/' || has_nul(spec.program))
    return fail(ErrorClass::config, "program \"" + spec.program.substr(0, 200) +
                                        "\" is no absolute path; give one, for none is searched");
  if (std::any_of(spec.arguments.begin(), spec.arguments.end(), has_nul))
    return fail(ErrorClass::config, "an argument for " + spec.program + " holds a zero byte");
  for (const auto& [name, value] : spec.environment)
    if (name.empty() || name.find('=') != std::string::npos || has_nul(name) || has_nul(value))
      return fail(ErrorClass::config, "the environment for " + spec.program +
                                          " holds a name that is empty or has '=', or a zero byte");
  return {};
}

/// What the child needs between fork and execve, all of it made before: there, only functions that
/// are safe in a signal handler may be called.
struct Launch {
  const char* program = nullptr;
  char* const* arguments = nullptr;
  char* const* environment = nullptr;
  int input = -1;
  int output = -1;
  int error_output = -1;
  int report = -1;  ///< the error number, should execve fail
  pid_t parent = -1;
};

constexpr int report_fd = 3;

[[noreturn]] void reportAndExit(int fd) {
  const int number = errno;
  [[maybe_unused]] const ssize_t written = write(fd, &number, sizeof number);
  _exit(127);
}

void resetSignals() {
  struct sigaction action {};
  action.sa_handler = SIG_DFL;
  for (int number = 1; number < NSIG; ++number) sigaction(number, &action, nullptr);
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
}

[[noreturn]] void becomeProgram(const Launch& launch) {
  if (prctl(PR_SET_PDEATHSIG, SIGKILL) != 0) reportAndExit(launch.report);
  if (getppid() != launch.parent) _exit(127);
  setpgid(0, 0);
  resetSignals();
  umask(077);
  if (chdir("/") != 0 || dup2(launch.input, 0) < 0 || dup2(launch.output, 1) < 0 ||
      dup2(launch.error_output, 2) < 0 || dup3(launch.report, report_fd, O_CLOEXEC) < 0 ||
      close_range(report_fd + 1, ~0u, 0) != 0)
    reportAndExit(launch.report);
  execve(launch.program, launch.arguments, launch.environment);
  reportAndExit(report_fd);
}

/// A running program and the pipes to it.
class RunningProgram {
 public:
  RunningProgram(const ChildProgram& spec, const scanhost_call* call) : spec_(spec), call_(call) {}
  ~RunningProgram() {
    if (pid_ > 0 && !exited_) endGroup();
  }
  RunningProgram(const RunningProgram&) = delete;
  RunningProgram& operator=(const RunningProgram&) = delete;

  Status launch() {
    Pipe input, output, error_output, report;
    if (!input.open() || !output.open() || !error_output.open() || !report.open())
      return fail(ErrorClass::transient, "no pipe for " + spec_.program + ": " + errorText(errno));
    std::vector<std::string> arguments = {spec_.program};
    arguments.insert(arguments.end(), spec_.arguments.begin(), spec_.arguments.end());
    std::vector<std::string> environment;
    for (const auto& [name, value] : spec_.environment) environment.push_back(name + "=" + value);
    const std::vector<char*> argv = pointersTo(arguments);
    const std::vector<char*> envp = pointersTo(environment);
    const Launch launch{spec_.program.c_str(), argv.data(),
                        envp.data(),           input.read.get(),
                        output.write.get(),    error_output.write.get(),
                        report.write.get(),    getpid()};
    pid_ = forkWithSignalsHeld(launch);
    if (pid_ < 0)
      return fail(ErrorClass::transient, spec_.program + " cannot be forked: " + errorText(errno));
    setpgid(pid_, pid_);  // in both, so that the group exists before either goes on
    report.write.reset();
    if (const Status ok = awaitExec(report.read); !ok) return ok;
    input_ = std::move(input.write);
    output_ = std::move(output.read);
    error_output_ = std::move(error_output.read);
    for (const UniqueFd* fd : {&input_, &output_, &error_output_}) makeNonBlocking(*fd);
    exit_ = UniqueFd(static_cast<int>(syscall(SYS_pidfd_open, pid_, 0)));
    if (exit_) return {};
    const int number = errno;
    endGroup();
    return fail(ErrorClass::internal, "pidfd_open: " + errorText(number));
  }

  ChildEnd follow() {
    if (spec_.input.empty()) input_.reset();
    while (!exited_ || ((output_ || error_output_) && monotonicNanos() < drain_until_)) {
      noteCancellation();
      escalate();
      waitForSomething();
    }
    return std::move(end_);
  }

 private:
  /// No handler of the host may run in the child before it has reset them.
  static pid_t forkWithSignalsHeld(const Launch& launch) {
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    const pid_t pid = fork();
    if (pid == 0) becomeProgram(launch);
    const int number = errno;
    pthread_sigmask(SIG_SETMASK, &before, nullptr);
    errno = number;
    return pid;
  }

  /// The report pipe closes by itself when execve succeeds.
  Status awaitExec(const UniqueFd& report) {
    int number = 0;
    ssize_t count;
    do {
      count = read(report.get(), &number, sizeof number);
    } while (count < 0 && errno == EINTR);
    if (count != sizeof number) return {};
    endGroup();
    return fail(ErrorClass::config, "program " + spec_.program + " cannot be started: " +
                                        errorText(number) + "; check its path and permissions");
  }

  void noteCancellation() {
    if (stopping_ || exited_ || !call_->is_cancelled(call_)) return;
    const bool timed_out =
        call_->deadline_ns != INT64_MAX && monotonicNanos() >= call_->deadline_ns;
    beginStop(timed_out ? ChildEnd::Why::timeout : ChildEnd::Why::cancelled);
  }

  void beginStop(ChildEnd::Why why) {
    if (stopping_) return;
    stopping_ = true;
    end_.why = why;
    input_.reset();
    if (exited_) return;  // its number may be another's by now
    kill(-pid_, SIGTERM);
    const std::int64_t grace = std::max<std::int64_t>(0, spec_.grace.count());
    if (__builtin_add_overflow(monotonicNanos(), grace, &kill_at_)) kill_at_ = INT64_MAX;
  }

  void escalate() {
    if (!stopping_ || exited_ || monotonicNanos() < kill_at_) return;
    kill(-pid_, SIGKILL);
    kill_at_ = INT64_MAX;
  }

  int pollTimeoutMs() const {
    std::int64_t until = call_->deadline_ns;
    if (stopping_) until = kill_at_;
    if (exited_) until = drain_until_;
    if (until == INT64_MAX) return 1000;
    const std::int64_t left = (until - monotonicNanos()) / 1'000'000 + 1;
    return static_cast<int>(std::clamp<std::int64_t>(left, 0, 1000));
  }

  void waitForSomething() {
    // poll(2) passes over negative descriptors.
    std::array<pollfd, 5> entries = {{{exited_ ? -1 : exit_.get(), POLLIN, 0},
                                      {input_.get(), POLLOUT, 0},
                                      {output_.get(), POLLIN, 0},
                                      {error_output_.get(), POLLIN, 0},
                                      {stopping_ ? -1 : call_->cancel_fd, POLLIN, 0}}};
    if (poll(entries.data(), entries.size(), pollTimeoutMs()) <= 0) return;
    if (entries[1].revents) feed();
    if (entries[2].revents) drain(output_, spec_.output);
    if (entries[3].revents)
      drain(error_output_, [this](std::string_view chunk) {
        keepTail(chunk);
        return spec_.error_output ? spec_.error_output(chunk) : SCANHOST_OK;
      });
    if (entries[0].revents) noteExit();
  }

  void feed() {
    const std::string_view rest = spec_.input.substr(fed_);
    const ssize_t count = writeWithoutSignal(rest);
    if (count > 0) fed_ += static_cast<std::size_t>(count);
    const bool broken = count < 0 && errno != EAGAIN && errno != EINTR;
    if (broken || fed_ == spec_.input.size()) input_.reset();  // the program sees its end of file
  }

  /// A program that closed its input must not raise SIGPIPE in the host.
  ssize_t writeWithoutSignal(std::string_view bytes) const {
    sigset_t pipe_signal, before;
    sigemptyset(&pipe_signal);
    sigaddset(&pipe_signal, SIGPIPE);
    pthread_sigmask(SIG_BLOCK, &pipe_signal, &before);
    const ssize_t count = write(input_.get(), bytes.data(), bytes.size());
    const int number = errno;
    if (count < 0 && number == EPIPE && !sigismember(&before, SIGPIPE)) {
      const timespec at_once{0, 0};
      sigtimedwait(&pipe_signal, nullptr, &at_once);
    }
    pthread_sigmask(SIG_SETMASK, &before, nullptr);
    errno = number;
    return count;
  }

  template <class Taker>
  void drain(UniqueFd& fd, const Taker& taker) {
    std::array<char, 65536> buffer;
    const ssize_t count = read(fd.get(), buffer.data(), buffer.size());
    if (count < 0 && (errno == EAGAIN || errno == EINTR)) return;
    if (count <= 0) {
      fd.reset();
      return;
    }
    if (exited_) {
      drained_ += static_cast<std::size_t>(count);
      drain_until_ = drained_ < max_drain ? INT64_MAX : 0;
    }
    give(taker, std::string_view(buffer.data(), static_cast<std::size_t>(count)));
    if (exited_ && drain_until_ == INT64_MAX) drain_until_ = monotonicNanos() + drain_ns;
  }

  template <class Taker>
  void give(const Taker& taker, std::string_view chunk) {
    if (stopping_) return;
    const scanhost_status answer = callTaker(taker, chunk);
    if (answer == SCANHOST_OK) return;
    end_.refusal = answer;
    beginStop(ChildEnd::Why::refused);
  }
  static scanhost_status callTaker(const std::function<scanhost_status(std::string_view)>& taker,
                                   std::string_view chunk) {
    return taker ? taker(chunk) : SCANHOST_OK;
  }

  void keepTail(std::string_view chunk) {
    end_.error_tail.append(chunk.substr(chunk.size() - std::min(chunk.size(), max_error_tail)));
    if (end_.error_tail.size() > max_error_tail)
      end_.error_tail.erase(0, end_.error_tail.size() - max_error_tail);
  }

  void noteExit() {
    endGroup();
    input_.reset();
    drain_until_ = monotonicNanos() + drain_ns;
  }

  /// Kills what is left of the group while its leader's number is still taken, then reaps it.
  void endGroup() {
    kill(-pid_, SIGKILL);
    kill(pid_, SIGKILL);
    int status = 0;
    pid_t reaped;
    do {
      reaped = waitpid(pid_, &status, 0);
    } while (reaped < 0 && errno == EINTR);
    exited_ = true;
    if (reaped != pid_) return;
    if (WIFEXITED(status)) end_.exit_code = WEXITSTATUS(status);
    if (WIFSIGNALED(status)) end_.signal = WTERMSIG(status);
  }

  const ChildProgram& spec_;
  const scanhost_call* call_;
  pid_t pid_ = -1;
  UniqueFd input_, output_, error_output_, exit_;
  std::size_t fed_ = 0;
  std::size_t drained_ = 0;  ///< read after the program ended
  bool stopping_ = false;
  bool exited_ = false;
  std::int64_t kill_at_ = INT64_MAX;
  std::int64_t drain_until_ = INT64_MAX;
  ChildEnd end_;
};

}  // namespace

Result<ChildEnd> runChildProgram(const ChildProgram& spec, const scanhost_call* call) {
  if (const Status ok = checkSpec(spec); !ok) return tl::unexpected<Error>(ok.error());
  RunningProgram program(spec, call);
  if (const Status ok = program.launch(); !ok) return tl::unexpected<Error>(ok.error());
  return program.follow();
}

}  // namespace scanhost
