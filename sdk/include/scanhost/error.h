// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// Errors in C++: the classes of abi/error.h, and the exception that carries one to the boundary.
#ifndef SCANHOST_ERROR_H
#define SCANHOST_ERROR_H

#include <chrono>
#include <stdexcept>
#include <string>
#include <utility>

#include "abi/error.h"

namespace scanhost {
inline namespace v1 {

/// Decides what happens next; abi/error.h says when to prefer which.
enum class ErrorClass : int {
  transient = SCANHOST_ERROR_TRANSIENT,
  internal = SCANHOST_ERROR_INTERNAL,
  busy = SCANHOST_ERROR_BUSY,
  auth = SCANHOST_ERROR_AUTH,
  config = SCANHOST_ERROR_CONFIG,
  target = SCANHOST_ERROR_TARGET,
  unsupported = SCANHOST_ERROR_UNSUPPORTED,
  lost = SCANHOST_ERROR_LOST,
  ambiguous = SCANHOST_ERROR_AMBIGUOUS,
  cancelled = SCANHOST_ERROR_CANCELLED,
  timeout = SCANHOST_ERROR_TIMEOUT,
};

/// Whose trouble it is: a scanner's is never held against a task.
enum class ErrorSubject : int {
  task = SCANHOST_SUBJECT_TASK,
  backend = SCANHOST_SUBJECT_BACKEND,
  target = SCANHOST_SUBJECT_TARGET,
};

/// Thrown by a plugin's code, turned into a scanhost_error where the call leaves the plugin. The
/// message is for an operator: the thing, the value found, the remedy; never a secret.
class PluginError : public std::runtime_error {
 public:
  PluginError(ErrorClass error_class, const std::string& message,
              ErrorSubject subject = ErrorSubject::task,
              std::chrono::nanoseconds retry_after = std::chrono::nanoseconds(0))
      : std::runtime_error(message),
        error_class_(error_class),
        subject_(subject),
        retry_after_(retry_after) {}

  ErrorClass errorClass() const noexcept { return error_class_; }
  ErrorSubject subject() const noexcept { return subject_; }
  std::chrono::nanoseconds retryAfter() const noexcept { return retry_after_; }

 private:
  ErrorClass error_class_;
  ErrorSubject subject_;
  std::chrono::nanoseconds retry_after_;
};

}  // namespace v1
}  // namespace scanhost

#endif
