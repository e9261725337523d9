// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "host/abi/host_call.h"

#include <scanhost/text.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <system_error>

#include "host/base/time.h"

namespace scanhost {
namespace {

constexpr std::size_t max_error_message = 4096;

/// A class or subject from a newer plugin reads as the most general one.
ErrorClass knownClass(std::int32_t value) {
  return value >= SCANHOST_ERROR_TRANSIENT && value <= SCANHOST_ERROR_TIMEOUT
             ? static_cast<ErrorClass>(value)
             : ErrorClass::internal;
}
ErrorSubject knownSubject(std::int32_t value) {
  return value == SCANHOST_SUBJECT_BACKEND || value == SCANHOST_SUBJECT_TARGET
             ? static_cast<ErrorSubject>(value)
             : ErrorSubject::task;
}

std::int64_t deadlineAfter(std::chrono::nanoseconds timeout) {
  if (timeout == std::chrono::nanoseconds::max()) return INT64_MAX;
  std::int64_t deadline = 0;
  return __builtin_add_overflow(monotonicNanos(), timeout.count(), &deadline) ? INT64_MAX
                                                                              : deadline;
}

}  // namespace

CancelSource::CancelSource() : fd_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
  if (fd_ < 0) throw std::system_error(errno, std::generic_category(), "eventfd");
}

CancelSource::~CancelSource() {
  close(fd_);
}

void CancelSource::cancel() {
  if (cancelled_.exchange(true, std::memory_order_acq_rel)) return;
  const std::uint64_t one = 1;
  // The counter cannot overflow by one write, so a short write cannot happen.
  [[maybe_unused]] const ssize_t written = write(fd_, &one, sizeof one);
}

HostCall::HostCall(CallOptions options) : abi_{}, options_(std::move(options)) {
  abi_.call.struct_size = sizeof(scanhost_call);
  abi_.call.cancel_fd = options_.cancel ? options_.cancel->fd() : -1;
  abi_.call.deadline_ns = deadlineAfter(options_.timeout);
  abi_.call.trace = options_.trace;
  abi_.call.is_cancelled = &HostCall::isCancelled;
  abi_.call.log = &HostCall::log;
  abi_.call.fail = &HostCall::keepError;
  abi_.owner = this;
}

HostCall& HostCall::of(const scanhost_call* call) {
  return *reinterpret_cast<const Abi*>(call)->owner;
}

std::int32_t HostCall::isCancelled(const scanhost_call* call) {
  const HostCall& self = of(call);
  if (self.options_.cancel && self.options_.cancel->cancelled()) return 1;
  return call->deadline_ns != INT64_MAX && monotonicNanos() >= call->deadline_ns ? 1 : 0;
}

void HostCall::log(const scanhost_call* call, const scanhost_event* event) {
  const HostCall& self = of(call);
  if (!self.options_.events || !SCANHOST_HAS(event, scanhost_event, fields)) return;
  (*self.options_.events)(event->level, toView(event->event), toView(event->fields),
                          self.options_.trace);
}

scanhost_status HostCall::keepError(const scanhost_call* call, const scanhost_error* error) {
  HostCall& self = of(call);
  if (!SCANHOST_HAS(error, scanhost_error, message)) return SCANHOST_ERROR_INTERNAL;
  const std::lock_guard lock(self.error_mutex_);
  self.has_error_ = true;
  self.error_.error_class = knownClass(error->error_class);
  self.error_.subject = knownSubject(error->subject);
  self.error_.message = toView(error->message).substr(0, max_error_message);
  self.error_.retry_after =
      std::chrono::nanoseconds(std::max<std::int64_t>(0, error->retry_after_ns));
  return static_cast<scanhost_status>(self.error_.error_class);
}

Status HostCall::outcome(scanhost_status status, std::string_view function) {
  if (status == SCANHOST_OK) return {};
  const std::lock_guard lock(error_mutex_);
  if (has_error_ && static_cast<scanhost_status>(error_.error_class) == status)
    return tl::unexpected<Error>(error_);
  return fail(knownClass(status), std::string(function) + " failed without saying why (status " +
                                      std::to_string(status) + ")");
}

}  // namespace scanhost
