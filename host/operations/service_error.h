// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// Why an operation was refused, in the one shape that all clients see.
#pragma once

#include <scanhost/json.h>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "host/base/result.h"

namespace scanhost {

struct ServiceError {
  std::string code;     ///< stable, for programs: "scanner_not_found"
  int status_code = 0;  ///< a field of the body; the transport's own status stays as it is
  std::string error;    ///< begins with a stable text
  std::string message;  ///< for people
  std::string hint;     ///< what to change
  std::optional<double> retry_after_s = {};
  Json details = {};       ///< an object, or null
  std::string cause = {};  ///< for the log alone: what a backend said

  Json toJson(std::string_view trace_id) const;

  static ServiceError invalidArgument(std::string_view parameter, std::string message,
                                      std::string hint = {});
  /// For the few argument errors whose text is not "Invalid <parameter>".
  static ServiceError badArgument(std::string error, std::string_view parameter,
                                  std::string message, std::string hint = {});
  static ServiceError invalidFilter(std::string message, std::vector<std::string> known);
  static ServiceError forbidden(std::string message);
  static ServiceError policyDenied(std::string_view rule, std::string message);
  /// Unknown, malformed, or not the caller's: they look alike.
  static ServiceError taskNotFound(std::string_view task_id);
  static ServiceError scannerNotFound(std::string message, const std::vector<std::string>& known);
  static ServiceError poolNotFound(std::string_view pool, const std::vector<std::string>& known);
  static ServiceError resultsNotFound(std::string_view task_id);
  static ServiceError conflict(std::string message);
  static ServiceError notCompleted(std::string_view state);
  static ServiceError invalidState(std::string_view state, std::string message);
  static ServiceError planChanged(std::string message);
  static ServiceError tooLarge(std::string message);
  static ServiceError unsupported(std::string message, std::string hint = {});
  static ServiceError queueFull(std::string_view pool);
  static ServiceError rateLimited(std::string message, double retry_after_s);
  /// The detail belongs in the log, not in the answer.
  static ServiceError internal();
  static ServiceError unavailable(std::string message);
  static ServiceError deadline();
  /// What a store's or plugin's failure means to a client.
  static ServiceError fromBackend(const Error& error);
};

}  // namespace scanhost
