// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "tests/conformance/check_call.h"

#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#include <map>
#include <shared_mutex>

namespace scanhost::conformance {
namespace {

/// The calls under way. The struct that a plugin sees ends where its memory ends, so that nothing
/// can stand behind it that leads back here.
std::shared_mutex calls_mutex;
std::map<const scanhost_call*, CheckCall*>& calls() {
  static std::map<const scanhost_call*, CheckCall*> map;
  return map;
}

std::int64_t monotonicNow() {
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC, &now);
  return static_cast<std::int64_t>(now.tv_sec) * 1'000'000'000 + now.tv_nsec;
}

}  // namespace

std::string Outcome::text() const {
  std::string text = function + " answered " + className(status);
  if (error) text += ": " + error->message;
  return text;
}

CheckCall::CheckCall(Transcript& transcript, CallShape shape)
    : transcript_(transcript),
      cancel_fd_(eventfd(0, EFD_CLOEXEC)),
      deadline_ns_(monotonicNow() + shape.timeout.count()) {
  scanhost_call call{};
  call.struct_size = static_cast<std::uint32_t>(sizeof call + shape.appended);
  call.cancel_fd = cancel_fd_;
  call.deadline_ns = deadline_ns_;
  call.trace.trace_id[0] = 0xC7;
  call.is_cancelled = &CheckCall::isCancelled;
  call.log = &CheckCall::log;
  call.fail = &CheckCall::keepError;
  std::string bytes(reinterpret_cast<const char*>(&call), sizeof call);
  bytes.append(shape.appended, '\xA5');
  memory_ = std::make_unique<GuardedMemory>(bytes);
  const std::unique_lock lock(calls_mutex);
  calls()[abi()] = this;
}

CheckCall::~CheckCall() {
  {
    const std::unique_lock lock(calls_mutex);
    calls().erase(abi());
  }
  close(cancel_fd_);
}

const scanhost_call* CheckCall::abi() const {
  return static_cast<const scanhost_call*>(memory_->data());
}

void CheckCall::cancel() {
  cancelled_ = true;
  const std::uint64_t one = 1;
  [[maybe_unused]] const ssize_t written = write(cancel_fd_, &one, sizeof one);
}

CheckCall& CheckCall::of(const scanhost_call* call) {
  const std::shared_lock lock(calls_mutex);
  return *calls().at(call);
}

std::int32_t CheckCall::isCancelled(const scanhost_call* call) {
  CheckCall& self = of(call);
  ++self.looks_;
  return self.cancelled_ || monotonicNow() >= self.deadline_ns_ ? 1 : 0;
}

void CheckCall::log(const scanhost_call* call, const scanhost_event* event) {
  of(call).transcript_.noteEvent(event);
}

scanhost_status CheckCall::keepError(const scanhost_call* call, const scanhost_error* error) {
  CheckCall& self = of(call);
  const ToldError told = self.transcript_.noteError(error);
  const std::lock_guard lock(self.mutex_);
  self.error_ = told;
  return told.error_class;
}

Outcome CheckCall::outcome(std::int32_t status, std::string function) {
  Outcome outcome;
  outcome.function = std::move(function);
  outcome.status = status;
  outcome.took = std::chrono::steady_clock::now() - begun_;
  {
    const std::lock_guard lock(mutex_);
    outcome.error = error_;
  }
  memory_->revoke();
  if (outcome.ok()) return outcome;
  if (!outcome.error)
    transcript_.note(
        "SH-P-19", outcome.function + " answered " + className(status) + " and called fail never");
  else if (outcome.error->error_class != status)
    transcript_.note("SH-P-19", outcome.function + " answered " + className(status) +
                                    " and reported " + className(outcome.error->error_class));
  return outcome;
}

}  // namespace scanhost::conformance
