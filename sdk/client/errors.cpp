// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include <scanhost/client/errors.h>

namespace scanhost::client {
inline namespace v1 {
namespace {

/// "Scanner not found: No enabled scanners in pool 'x'"; the message often repeats the error.
std::string oneLine(const Json& body) {
  const std::string& error = body["error"].asString();
  const std::string& message = body["message"].asString();
  if (message.empty() || message.compare(0, error.size(), error) == 0)
    return message.empty() ? error : message;
  return error + ": " + message;
}

}  // namespace

ServiceError::ServiceError(Json body) : ClientError(oneLine(body)), body_(std::move(body)) {}

std::optional<std::chrono::seconds> ServiceError::retry_after_s() const noexcept {
  const Json& value = body_["retry_after_s"];
  if (!value.isNumber()) return std::nullopt;
  constexpr double longest = 7 * 24 * 3600;
  const double seconds = value.asNumber();
  return std::chrono::seconds(static_cast<long>(seconds < 0         ? 0
                                                : seconds > longest ? longest
                                                                    : seconds));
}

}  // namespace v1
}  // namespace scanhost::client
