// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "host/plugins/isolated_instance.h"

#include <poll.h>
#include <scanhost/abi/exporter.h>
#include <scanhost/call.h>
#include <scanhost/text.h>
#include <sys/eventfd.h>

#include <algorithm>
#include <cerrno>
#include <climits>

#include "host/abi/host_call.h"
#include "host/base/time.h"
#include "host/plugins/isolated_tables.h"

namespace scanhost {

using runner::Decoder;
using runner::Encoder;
using runner::Frame;
using runner::FrameKind;
using runner::Function;

namespace {

constexpr auto destroy_timeout = std::chrono::seconds(10);

/// A remote scan may have been made or set going by a call that never returned.
bool leavesDoubt(Function function) {
  return function == Function::prepare || function == Function::start_scan;
}

/// What a task brought with it may be what kills the plugin, and costs it an attempt.
bool isTheTasksTrouble(Function function) {
  return function == Function::scan || function == Function::collect;
}

void raiseEvent(const UniqueFd& event) {
  const std::uint64_t one = 1;
  if (event) (void)!write(event.get(), &one, sizeof one);
}

int pollTimeout(std::int64_t until_ns) {
  if (until_ns == INT64_MAX) return -1;
  const std::int64_t left_ms = (until_ns - monotonicNanos()) / 1'000'000 + 1;
  return static_cast<int>(std::clamp<std::int64_t>(left_ms, 0, INT_MAX));
}

std::int64_t plus(std::int64_t time_ns, std::chrono::nanoseconds more) {
  std::int64_t sum = 0;
  return __builtin_add_overflow(time_ns, more.count(), &sum) ? INT64_MAX : sum;
}

}  // namespace

void IsolatedInstance::PendingCall::wakeCaller() const {
  raiseEvent(wake);
}

IsolatedInstance::IsolatedInstance(const IsolatedFile& file, std::string interface_id,
                                   const scanhost_host* host, const scanhost_create_args& args,
                                   const RunnerWatch& watch)
    : file_(file),
      interface_id_(std::move(interface_id)),
      instance_(toString(args.instance)),
      settings_(toString(args.settings)),
      data_dir_(toString(args.data_dir)),
      host_(host),
      is_exporter_(interface_id_ == SCANHOST_EXPORTER_ID),
      watch_(watch),
      secrets_(Redactor::of(file.manifest.config_schema,
                            Json::tryParse(settings_).value_or(Json::object()))),
      wake_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {}

IsolatedInstance::~IsolatedInstance() {
  {
    const std::lock_guard lock(mutex_);
    ending_ = true;
  }
  raiseEvent(wake_);
  if (supervisor_.joinable()) supervisor_.join();
}

scanhost_status IsolatedInstance::create(const IsolatedFile& file, const std::string& interface_id,
                                         const scanhost_host* host, const scanhost_call* call,
                                         const scanhost_create_args& args, const RunnerWatch& watch,
                                         const scanhost_interface** table, void** self) {
  std::unique_ptr<IsolatedInstance> made(
      new IsolatedInstance(file, interface_id, host, args, watch));
  made->supervisor_ = std::thread([&instance = *made] { instance.supervise(); });
  {
    std::unique_lock lock(made->mutex_);
    made->changed_.wait(lock, [&] { return made->state_ != State::starting; });
  }
  const scanhost_status status =
      made->invoke(call, {Function::create}, made->createBody(call->deadline_ns), {});
  if (status != SCANHOST_OK) return status;
  {
    const std::lock_guard lock(made->mutex_);
    made->created_ = true;
    *table = findIsolatedTable(interface_id, made->abilities_);
  }
  *self = made.release();
  return SCANHOST_OK;
}

void IsolatedInstance::destroy(void* self) {
  const std::unique_ptr<IsolatedInstance> instance(static_cast<IsolatedInstance*>(self));
  {
    const std::lock_guard lock(instance->mutex_);
    instance->created_ = false;  // one that dies from here on is not restarted
  }
  const HostCall call({.timeout = destroy_timeout});
  instance->invoke(call.abi(), {Function::destroy}, head(call.abi()).view(), {});
}

Encoder IsolatedInstance::head(const scanhost_call* call) {
  Encoder body;
  members(body, runner::CallHead{call->deadline_ns, call->trace,
                                 static_cast<std::uint8_t>(call->is_cancelled(call))});
  return body;
}

std::string IsolatedInstance::createBody(std::int64_t deadline_ns) const {
  Encoder body;
  members(body, runner::CallHead{deadline_ns, {}, 0});
  members(body, runner::CreateRequest{toText(interface_id_), toText(instance_), toText(settings_),
                                      toText(data_dir_)});
  return body.take();
}

bool IsolatedInstance::isGivenUp() const {
  const std::lock_guard lock(mutex_);
  return state_ == State::given_up;
}

scanhost_status IsolatedInstance::start(const scanhost_call* call) {
  const scanhost_status status = invoke(call, {Function::start}, head(call).view(), {});
  const std::lock_guard lock(mutex_);
  started_ = status == SCANHOST_OK;
  return status;
}

scanhost_status IsolatedInstance::invoke(const scanhost_call* call, const Request& request,
                                         std::string_view body, const SinkTaker& take) {
  PendingCall pending{call, request, UniqueFd(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK))};
  pending.give_up_ns = plus(call->deadline_ns, file_.options.call_grace);
  if (!pending.wake)
    return detail::report(call, ErrorClass::transient, "no descriptor is left for a call",
                          ErrorSubject::backend);
  std::shared_ptr<RunnerProcess> process;
  std::uint64_t number = 0;
  {
    const std::lock_guard lock(mutex_);
    if (state_ != State::up) return failDown(call);
    process = process_;
    number = ++numbers_;
    pending_[number] = &pending;
    last_function_ = request.function;
  }
  if (!process->channel().send(FrameKind::call, static_cast<std::uint16_t>(request.function),
                               number, body))
    process->kill();
  const scanhost_status status = converse(pending, number, *process, take);
  const std::lock_guard lock(mutex_);
  pending_.erase(number);
  return status;
}

/// Takes what the call hands over until it returns or its runner is gone.
scanhost_status IsolatedInstance::converse(PendingCall& pending, std::uint64_t number,
                                           RunnerProcess& process, const SinkTaker& take) {
  for (Frame frame;;) {
    switch (await(pending, number, process, frame)) {
      case Step::lost: return failLost(pending.call, pending.request);
      case Step::frame: break;
    }
    if (frame.header.kind == FrameKind::result) return finish(pending, frame);
    Decoder in(frame.body);
    const auto answer =
        take ? take(static_cast<runner::SinkFunction>(frame.header.function), in) : std::nullopt;
    const scanhost_status status = answer.value_or(
        detail::report(pending.call, ErrorClass::internal,
                       "the plugin handed over what this host cannot read: a struct shorter than "
                       "its interface's, or a sink that the call does not have"));
    Encoder body;
    body.value(answer ? *answer : status);
    if (!process.channel().send(FrameKind::answer, 0, number, body.view())) process.kill();
  }
}

/// The next frame of the call. Tells the runner of a cancellation, once, and ends it when the call
/// then takes too long, whatever it goes on to hand over.
IsolatedInstance::Step IsolatedInstance::await(PendingCall& pending, std::uint64_t number,
                                               RunnerProcess& process, Frame& frame) {
  const scanhost_call* const call = pending.call;
  for (;;) {
    if (!pending.cancel_told && call->is_cancelled(call) != 0) {
      pending.cancel_told = true;
      pending.give_up_ns =
          std::min(pending.give_up_ns, plus(monotonicNanos(), file_.options.call_grace));
      process.channel().send(FrameKind::cancel, 0, number);
    }
    if (monotonicNanos() >= pending.give_up_ns) {
      pending.give_up_ns = INT64_MAX;
      endProcess(std::string("did not return from ") + functionName(pending.request.function) +
                 " in time after its deadline or cancellation");
    }
    {
      const std::lock_guard lock(mutex_);
      if (pending.frame) {
        frame = std::move(*pending.frame);
        pending.frame.reset();
        std::uint64_t count = 0;
        (void)!read(pending.wake.get(), &count, sizeof count);
        return Step::frame;
      }
      if (pending.lost) return Step::lost;
    }
    const bool told = pending.cancel_told;
    pollfd waits[] = {{pending.wake.get(), POLLIN, 0}, {told ? -1 : call->cancel_fd, POLLIN, 0}};
    poll(waits, 2,
         pollTimeout(told ? pending.give_up_ns : std::min(pending.give_up_ns, call->deadline_ns)));
  }
}

std::string IsolatedInstance::redacted(std::string text) const {
  text = secrets_.redact(std::move(text));
  for (const auto& [number, pending] : pending_)
    if (!pending->request.secrets.empty()) {
      Redactor theirs;
      for (const std::string& secret : pending->request.secrets) theirs.add(secret);
      text = theirs.redact(std::move(text));
    }
  return text;
}

scanhost_status IsolatedInstance::finish(const PendingCall& pending, const Frame& frame) const {
  const scanhost_call* const call = pending.call;
  Decoder in(frame.body);
  runner::Outcome outcome;
  members(in, outcome);
  if (!in.complete())
    return detail::report(call, ErrorClass::internal, "the runner's answer cannot be read");
  if (outcome.status == SCANHOST_OK) return SCANHOST_OK;
  std::string message = toString(outcome.message);
  {
    const std::lock_guard lock(mutex_);
    message = redacted(std::move(message));
  }
  const scanhost_error error{sizeof(scanhost_error), outcome.status, outcome.subject, 0,
                             outcome.retry_after_ns, toText(message)};
  return call->fail(call, &error);
}

scanhost_status IsolatedInstance::failLost(const scanhost_call* call,
                                           const Request& request) const {
  std::string why;
  {
    const std::lock_guard lock(mutex_);
    why = last_trouble_.message;
  }
  if (leavesDoubt(request.function))
    return detail::report(call, ErrorClass::ambiguous, why, ErrorSubject::task);
  if (isTheTasksTrouble(request.function))
    return detail::report(call, ErrorClass::internal, why, ErrorSubject::task);
  return detail::report(call, ErrorClass::transient, why, ErrorSubject::backend);
}

/// Holding `mutex_`.
scanhost_status IsolatedInstance::failDown(const scanhost_call* call) const {
  const Error& trouble = last_trouble_;
  const auto wait = std::max(restart_at_ - std::chrono::steady_clock::now(),
                             std::chrono::steady_clock::duration::zero());
  const scanhost_error error{sizeof(scanhost_error),
                             static_cast<std::int32_t>(trouble.error_class),
                             SCANHOST_SUBJECT_BACKEND,
                             0,
                             state_ == State::down ? std::chrono::nanoseconds(wait).count() : 0,
                             toText(trouble.message)};
  return call->fail(call, &error);
}

void IsolatedInstance::endProcess(const std::string& why) {
  const std::lock_guard lock(mutex_);
  if (kill_reason_.empty()) kill_reason_ = why;
  if (process_) process_->kill();
}

}  // namespace scanhost
