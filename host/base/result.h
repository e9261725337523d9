// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// Expected failure as a value: what class of failure, whose it is, what an operator should do.
///
/// Exceptions stop at the adapter that meets them (Poco, yaml-cpp, plugins); inside the host a
/// function that can fail returns `Result<T>`. The classes are those of the plugin ABI
/// (scanhost/error.h), so a failure keeps its meaning from the scanner to the client.
#pragma once

#include <scanhost/error.h>

#include <chrono>
#include <string>
#include <tl/expected.hpp>
#include <utility>

namespace scanhost {

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
