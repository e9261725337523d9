// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// Expected failure as a value: what class of failure, whose it is, what an operator should do.
///
/// Exceptions stop at the adapter that meets them (Poco, yaml-cpp, plugins); inside the host a
/// function that can fail returns `Result<T>`. The classes are those of the plugin ABI
/// (scanhost/abi/error.h), so a failure keeps its meaning from the scanner to the client.
#pragma once

#include <chrono>
#include <string>
#include <tl/expected.hpp>
#include <utility>

namespace scanhost {

/// Decides what happens to a task (DESIGN.md, the task); the values are those of the ABI.
enum class ErrorClass : int {
  transient = 1,    ///< try again later; a bounded number of attempts
  internal = 2,     ///< a defect or an unknown failure; treated like transient
  busy = 3,         ///< try again after the time given; spends no attempt
  auth = 4,         ///< a login or a permission was refused
  config = 5,       ///< settings are wrong; a retry cannot help
  target = 6,       ///< the target cannot be scanned
  unsupported = 7,  ///< this plugin, licence or version cannot do it
  lost = 8,         ///< what was asked for existed and is gone
  ambiguous = 9,    ///< the effect may or may not have happened
  cancelled = 10,   ///< someone asked to stop
  timeout = 11,     ///< a deadline passed
};

/// Whose trouble it is: a scanner's is never held against a task.
enum class ErrorSubject : int { task = 0, backend = 1, target = 2 };

struct Error {
  ErrorClass error_class = ErrorClass::internal;
  std::string message;  ///< for an operator: the thing, the value found, the remedy
  ErrorSubject subject = ErrorSubject::task;
  std::chrono::nanoseconds retry_after{0};  ///< zero: not said
};

template <class T>
using Result = tl::expected<T, Error>;
using Status = Result<void>;

inline tl::unexpected<Error> fail(ErrorClass error_class, std::string message,
                                  ErrorSubject subject = ErrorSubject::task) {
  return tl::unexpected<Error>(Error{error_class, std::move(message), subject, {}});
}

/// "transient", "auth", ... as clients and log lines show it.
const char* errorClassName(ErrorClass error_class);

}  // namespace scanhost
