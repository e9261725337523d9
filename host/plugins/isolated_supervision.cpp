// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
//
// The supervising thread of an IsolatedInstance: starts runners, reads what they send, and says
// what became of them.
#include <poll.h>
#include <scanhost/abi/services.h>
#include <scanhost/text.h>
#include <signal.h>
#include <sys/socket.h>

#include <algorithm>
#include <cmath>

#include "host/base/time.h"
#include "host/plugins/granted_paths.h"
#include "host/plugins/isolated_instance.h"

namespace scanhost {

using runner::Decoder;
using runner::Encoder;
using runner::Frame;
using runner::FrameChannel;
using runner::FrameKind;
using runner::Function;

namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

constexpr auto restart_timeout = 30s;  ///< for create and start in a new runner
constexpr auto end_grace = 2s;         ///< for a runner whose connection was closed
constexpr std::size_t max_error_tail = 4096, max_error_line = 1024;
constexpr std::size_t max_series = 1000;
constexpr double change_share = 0.01;         ///< of an event: what a change of a metric costs
constexpr std::size_t most_last_pieces = 64;  ///< of a dead runner's pipe, which holds no more

/// Beside this program, as it is built; else where it is installed.
std::filesystem::path defaultRunner() {
  std::error_code ignored;
  const auto folder = std::filesystem::read_symlink("/proc/self/exe", ignored).parent_path();
  const auto beside = folder / "scanhost-runner";
  if (std::filesystem::exists(beside, ignored)) return beside;
  return folder.parent_path() / "lib/scanhost/scanhost-runner";
}

bool needsService(const Manifest& manifest, std::string_view id) {
  return std::any_of(manifest.needs.begin(), manifest.needs.end(),
                     [&](const Manifest::Required& need) { return need.service_id == id; });
}

std::int64_t inFuture(std::chrono::nanoseconds time) {
  return monotonicNanos() + time.count();
}

void logEvent(const scanhost_host* host, int level, std::string_view event, const Json& fields) {
  const std::string text = fields.dump();
  const scanhost_event record{sizeof(scanhost_event), level, toText(event), toText(text)};
  host->log(host, &record);
}

}  // namespace

void IsolatedInstance::supervise() {
  for (bool again = false;; again = true) {
    const Status up = bringUp(again);
    if (!up && !again) {
      endProcess("could not be brought up");
      reapProcess();
    }
    {
      const std::lock_guard lock(mutex_);
      state_ = up ? State::up : State::down;
      if (!up) last_trouble_ = up.error();
    }
    changed_.notify_all();
    if (!up && !again) return;  // who wanted it created is told; nothing crashed
    if (up && again && watch_.restarted) watch_.restarted(restarts_, last_crash_);
    while (up && readSome(250ms)) {
    }
    takeCrash(up ? std::string() : up.error().message);
    if (!waitBeforeRestart()) return;
    ++restarts_;
  }
}

/// A runner in which the plugin is entered; one that takes another's place has its instance, too.
Status IsolatedInstance::bringUp(bool again) {
  const std::filesystem::path program =
      file_.options.program.empty() ? defaultRunner() : file_.options.program;
  auto spawned = RunnerProcess::spawn(
      program, file_.fd,
      is_exporter_ ? RunnerProcess::Output::inherited : RunnerProcess::Output::with_errors);
  if (!spawned) return tl::unexpected<Error>(spawned.error());
  {
    const std::lock_guard lock(mutex_);
    process_ = std::move(*spawned);
    kill_reason_.clear();
    last_function_ = {};
  }
  series_.clear();
  error_tail_.clear();
  error_line_.clear();
  ready_.reset();
  last_heard_ = Clock::now();
  if (Status greeted = greet(); !greeted || !again) return greeted;
  if (Status made = callWhileReading(Function::create, createBody(inFuture(restart_timeout)));
      !made)
    return made;
  bool started = false;
  {
    const std::lock_guard lock(mutex_);
    started = started_;
  }
  if (!started) return {};
  Encoder body;
  members(body, runner::CallHead{inFuture(restart_timeout), {}, 0});
  return callWhileReading(Function::start, body.view());
}

/// Says what the runner may do, and waits until the plugin is entered.
Status IsolatedInstance::greet() {
  const GrantedPaths granted = grantedPaths(file_.manifest, settings_, data_dir_);
  const LentTexts readable(granted.readable), writable(granted.writable),
      executable(granted.executable);
  runner::Hello hello;
  hello.plugin = toText(file_.manifest.name);
  hello.manifest = toText(file_.manifest_text);
  hello.host_version = host_->version;
  hello.memory_bytes = file_.options.memory_bytes;
  hello.open_files = file_.options.open_files;
  hello.network = file_.manifest.network ? 1 : 0;
  hello.raw_sockets = file_.manifest.raw_sockets ? 1 : 0;
  hello.programs = needsService(file_.manifest, SCANHOST_PROCESS_ID) ? 1 : 0;
  hello.readable = readable;
  hello.writable = writable;
  hello.executable = executable;
  if (!process_->channel().send(FrameKind::hello, 0, 0, encoded(hello)))
    return fail(ErrorClass::internal, "the runner took no greeting", ErrorSubject::backend);
  const auto until = Clock::now() + file_.options.ready_timeout;
  while (!ready_) {
    if (Clock::now() >= until)
      return fail(ErrorClass::config, file_.manifest.name + " was not entered within " +
                                          formatDuration(file_.options.ready_timeout));
    if (!readSome(50ms) && !ready_)
      return fail(ErrorClass::internal,
                  "the runner ended before " + file_.manifest.name + " was entered",
                  ErrorSubject::backend);
  }
  Decoder in(ready_->body);
  runner::Ready ready;
  members(in, ready);
  if (!in.complete() || ready.protocol != runner::protocol)
    return fail(ErrorClass::config,
                "scanhost-runner speaks another protocol than this scanhost; install both in one "
                "version and restart the service");
  const std::string message = toString(ready.outcome.message);
  if (ready.outcome.status != SCANHOST_OK) return fail(ErrorClass::config, message);
  {
    const std::lock_guard lock(mutex_);
    abilities_ = ready.abilities;
  }
  if (watch_.confined) watch_.confined(message);
  return {};
}

/// A call of this thread's own, which reads on meanwhile.
Status IsolatedInstance::callWhileReading(Function function, std::string_view body) {
  const Request request{function};
  PendingCall pending{nullptr, request, UniqueFd()};
  std::uint64_t number = 0;
  {
    const std::lock_guard lock(mutex_);
    number = ++numbers_;
    pending_[number] = &pending;
    last_function_ = function;
  }
  bool alive =
      process_->channel().send(FrameKind::call, static_cast<std::uint16_t>(function), number, body);
  const auto until = Clock::now() + restart_timeout;
  while (alive && !pending.frame && Clock::now() < until) alive = readSome(50ms);
  {
    const std::lock_guard lock(mutex_);
    pending_.erase(number);
  }
  if (!pending.frame)
    return fail(ErrorClass::transient, std::string(functionName(function)) + " did not return",
                ErrorSubject::backend);
  Decoder in(pending.frame->body);
  runner::Outcome outcome;
  members(in, outcome);
  if (in.complete() && outcome.status == SCANHOST_OK) return {};
  return fail(
      ErrorClass::transient,
      std::string(functionName(function)) + ": " + secrets_.redact(toString(outcome.message)),
      ErrorSubject::backend);
}

/// What has arrived, waiting for it at most `wait`. False once the runner is of no more use.
bool IsolatedInstance::readSome(std::chrono::milliseconds wait) {
  const bool spent = allowance_.isSpent(Clock::now());
  pollfd waits[] = {{spent ? -1 : process_->channel().fd(), POLLIN, 0},
                    {spent ? -1 : process_->errorOutput(), POLLIN, 0},
                    {wake_.get(), POLLIN, 0}};
  poll(waits, 3, static_cast<int>((spent ? EventAllowance::pause : wait).count()));
  if ((waits[2].revents & POLLIN) != 0) return false;
  if ((waits[1].revents & POLLIN) != 0) readErrorOutput();
  if ((waits[0].revents & (POLLIN | POLLHUP | POLLERR)) != 0) {
    for (Frame frame;;) {
      const auto received = process_->channel().receive(frame, false);
      if (received == FrameChannel::Received::nothing) break;
      if (received == FrameChannel::Received::closed) return false;
      last_heard_ = Clock::now();
      if (!handle(std::move(frame))) {
        endProcess("broke the protocol between runner and daemon");
        return false;
      }
      if (allowance_.isSpent(Clock::now())) break;
    }
  } else if (!spent && Clock::now() - last_heard_ > file_.options.silence) {
    endProcess("was silent for " + formatDuration(file_.options.silence));
    return false;
  }
  return true;
}

/// False for what no honest runner sends.
bool IsolatedInstance::handle(Frame frame) {
  switch (frame.header.kind) {
    case FrameKind::heartbeat: return true;
    case FrameKind::log: return handleLog(frame);
    case FrameKind::service: return handleService(frame);
    case FrameKind::ready:
      if (ready_) return false;
      ready_ = std::move(frame);
      return true;
    case FrameKind::result:
    case FrameKind::sink: break;
    default: return false;
  }
  const std::lock_guard lock(mutex_);
  const auto found = pending_.find(frame.header.call);
  if (found == pending_.end() || found->second->frame) return false;
  PendingCall& pending = *found->second;
  pending.frame = std::move(frame);
  pending.wakeCaller();
  return true;
}

bool IsolatedInstance::handleLog(const Frame& frame) {
  allowance_.spend();
  Decoder in(frame.body);
  runner::LoggedEvent logged;
  members(in, logged);
  if (!in.complete()) return false;
  const std::lock_guard lock(mutex_);
  const std::string fields = redacted(toString(logged.fields));
  const scanhost_event event{sizeof(scanhost_event), std::clamp(logged.level, 0, 3), logged.event,
                             toText(fields)};
  const auto found = pending_.find(frame.header.call);
  if (found == pending_.end() || !found->second->call) {
    host_->log(host_, &event);
  } else {
    found->second->call->log(found->second->call, &event);
  }
  return true;
}

bool IsolatedInstance::handleService(const Frame& frame) {
  Decoder in(frame.body);
  const auto* metrics =
      static_cast<const scanhost_metrics*>(host_->get_service(host_, toText(SCANHOST_METRICS_ID)));
  if (frame.header.function == static_cast<std::uint16_t>(runner::ServiceFunction::series)) {
    runner::SeriesRequest request;
    members(in, request);
    if (!in.complete()) return false;
    runner::SeriesAnswer answer;
    answer.series = addSeries(request, answer.status);
    return process_->channel().send(FrameKind::answer, 0, frame.header.call, encoded(answer));
  }
  allowance_.spend(change_share);
  runner::SeriesChange change;
  members(in, change);
  if (!in.complete() || !metrics || change.series >= series_.size()) return false;
  const auto& [kind, series] = series_[change.series];
  switch (kind) {
    case runner::SeriesKind::counter:
      if (change.amount >= 0 && std::isfinite(change.amount)) metrics->add(series, change.amount);
      break;
    case runner::SeriesKind::gauge: metrics->set(series, change.amount); break;
    case runner::SeriesKind::histogram: metrics->observe(series, change.amount); break;
  }
  return true;
}

/// The number under which the runner knows the series.
std::uint32_t IsolatedInstance::addSeries(const runner::SeriesRequest& request,
                                          std::int32_t& status) {
  const auto* metrics =
      static_cast<const scanhost_metrics*>(host_->get_service(host_, toText(SCANHOST_METRICS_ID)));
  void* series = nullptr;
  if (!metrics || series_.size() >= max_series) {
    status = SCANHOST_ERROR_UNSUPPORTED;
    return 0;
  }
  const auto kind = static_cast<runner::SeriesKind>(request.kind);
  switch (kind) {
    case runner::SeriesKind::counter:
      status = metrics->counter(host_, request.name, request.help, request.labels, &series);
      break;
    case runner::SeriesKind::gauge:
      status = metrics->gauge(host_, request.name, request.help, request.labels, &series);
      break;
    case runner::SeriesKind::histogram:
      status = metrics->histogram(host_, request.name, request.help, request.labels, request.bounds,
                                  request.bound_count, &series);
      break;
    default: status = SCANHOST_ERROR_UNSUPPORTED;
  }
  if (status != SCANHOST_OK) return 0;
  for (std::uint32_t known = 0; known < series_.size(); ++known)
    if (series_[known].second == series) return known;
  series_.emplace_back(kind, series);
  return static_cast<std::uint32_t>(series_.size() - 1);
}

bool IsolatedInstance::readErrorOutput() {
  char buffer[4096];
  const ssize_t count = read(process_->errorOutput(), buffer, sizeof buffer);
  if (count <= 0) return false;
  const std::string_view text(buffer, static_cast<std::size_t>(count));
  error_tail_.append(text);
  if (error_tail_.size() > max_error_tail)
    error_tail_.erase(0, error_tail_.size() - max_error_tail);
  // An exporter may write events there, and what it writes must not become one.
  if (is_exporter_) {
    [[maybe_unused]] const ssize_t written = write(STDERR_FILENO, text.data(), text.size());
  } else {
    logErrorLines(text);
  }
  return true;
}

void IsolatedInstance::logErrorLines(std::string_view text) {
  for (const char byte : text) {
    if (byte != '\n' && error_line_.size() < max_error_line) {
      error_line_ += byte;
      continue;
    }
    allowance_.spend();
    if (!error_line_.empty()) {
      const std::lock_guard lock(mutex_);
      logEvent(host_, SCANHOST_LEVEL_INFO, "plugin_stderr",
               Json::object({{"plugin", file_.manifest.name},
                             {"instance", instance_},
                             {"line", redacted(error_line_)}}));
    }
    error_line_.clear();
    if (byte != '\n') error_line_ += byte;
  }
}

/// Ends the runner, with what it wrote at last; it takes no call from here on.
RunnerProcess::End IsolatedInstance::reapProcess() {
  std::shared_ptr<RunnerProcess> process;
  {
    const std::lock_guard lock(mutex_);
    if (state_ == State::up) state_ = State::down;
    process = process_;
  }
  if (!process) return {};
  shutdown(process->channel().fd(), SHUT_RDWR);
  const RunnerProcess::End end = process->reap(end_grace);
  for (std::size_t pieces = 0; pieces < most_last_pieces && readErrorOutput(); ++pieces) {
  }
  const std::lock_guard lock(mutex_);
  process_.reset();
  return end;
}

/// Whatever ended it: the calls under way fail, and it is told.
void IsolatedInstance::takeCrash(std::string why) {
  bool asked_for = false, had_process = false;
  {
    const std::lock_guard lock(mutex_);
    asked_for = ending_;
    had_process = process_ != nullptr;
  }
  if (!had_process && why.empty()) return;
  const RunnerProcess::End end = reapProcess();
  const CrashReport report = makeReport(end, std::move(why));
  {
    const std::lock_guard lock(mutex_);
    last_trouble_ = {ErrorClass::transient,
                     file_.manifest.name + " (" + instance_ + "): its process " + report.reason,
                     ErrorSubject::backend,
                     {}};
    for (auto& [number, pending] : pending_) {
      pending->lost = true;
      pending->wakeCaller();
    }
  }
  if (asked_for) return;
  last_crash_ = report;
  const bool given_up = planRestart();
  if (watch_.crashed) watch_.crashed(report);
  if (given_up && watch_.given_up) watch_.given_up(report);
}

CrashReport IsolatedInstance::makeReport(const RunnerProcess::End& end, std::string why) {
  const std::lock_guard lock(mutex_);
  CrashReport report;
  report.time = Timestamp::now();
  report.plugin = file_.manifest.name;
  report.instance = instance_;
  report.version = file_.manifest.version;
  report.sha256 = file_.sha256;
  report.build_id = file_.build_id;
  report.exit_code = end.exit_code;
  report.restarts = restarts_;
  if (end.signal != 0) report.signal = signalName(end.signal);
  report.last_call = functionName(last_function_);
  for (const auto& [number, pending] : pending_)
    if (!pending->request.task.empty()) report.tasks.push_back(pending->request.task);
  report.error_output = redacted(error_tail_);
  if (end.crash) {
    report.address = end.crash->address;
    if (end.crash->function != 0)
      report.last_call = functionName(static_cast<Function>(end.crash->function));
    for (std::uint32_t i = 0; i < end.crash->frame_count; ++i)
      report.backtrace.push_back({end.crash->frames[i].module, end.crash->frames[i].offset});
  }
  if (!kill_reason_.empty()) {
    report.reason = kill_reason_ + " and was ended";
  } else if (!why.empty()) {
    report.reason = "could not be brought up: " + why;
  } else if (end.signal != 0) {
    report.reason = "died of " + report.signal + " in " + report.last_call;
  } else {
    report.reason = "ended by itself with exit code " + std::to_string(end.exit_code) + " in " +
                    report.last_call;
  }
  return report;
}

/// When a new runner takes its place: the wait doubles with every crash. True when none does any
/// more.
bool IsolatedInstance::planRestart() {
  const auto now = Clock::now();
  crashes_.push_back(now);
  while (now - crashes_.front() > file_.options.crash_window) crashes_.pop_front();
  const int count = static_cast<int>(crashes_.size());
  const auto doubled = file_.options.first_backoff * (1 << std::min(count - 1, 16));
  const std::lock_guard lock(mutex_);
  restart_at_ = now + std::min<std::chrono::milliseconds>(doubled, file_.options.longest_backoff);
  const bool give_up = count >= file_.options.crashes_to_give_up;
  if (give_up) {
    state_ = State::given_up;
    last_trouble_.error_class = ErrorClass::config;
    last_trouble_.message +=
        "; it died " + std::to_string(count) + " times and is given up until a reload or restart";
  } else if (created_) {
    last_trouble_.message += "; it is restarted";
  }
  return give_up;
}

/// False when it shall end. One that was never created is not restarted, nor is one that was given
/// up; both wait here for their end.
bool IsolatedInstance::waitBeforeRestart() {
  bool restart = false;
  {
    const std::lock_guard lock(mutex_);
    if (ending_) return false;
    restart = created_ && state_ != State::given_up;
  }
  const auto left =
      std::chrono::ceil<std::chrono::milliseconds>(restart_at_ - Clock::now()).count();
  pollfd waits[] = {{wake_.get(), POLLIN, 0}};
  poll(waits, 1, restart ? static_cast<int>(std::max<std::int64_t>(left, 0)) : -1);
  const std::lock_guard lock(mutex_);
  return !ending_ && restart;
}

}  // namespace scanhost
