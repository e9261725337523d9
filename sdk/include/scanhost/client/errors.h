// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// What can go wrong with a call, as types: each asks its caller for another reaction.
///
///     ServiceError      the service understood and refused; change what `hint` names
///     AccessError       HTTP 401 or 403; bring another token
///     UnreachableError  nobody answered, or the connection broke; try again later
///     TimeoutError      no whole answer in time; whether the call took effect is unknown
///     ProtocolError     what answered does not speak as scanhost does
///
/// Arguments that are wrong before anything is sent (an URL that is none) throw
/// std::invalid_argument. No message holds the token or a password.
#ifndef SCANHOST_CLIENT_ERRORS_H
#define SCANHOST_CLIENT_ERRORS_H

#include <scanhost/json.h>

#include <chrono>
#include <optional>
#include <stdexcept>
#include <string>

namespace scanhost::client {
inline namespace v1 {

/// The base of all errors below; `what()` is one line for people.
class ClientError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// A refusal by the service, in the one shape all its errors have.
class ServiceError : public ClientError {
 public:
  /// `body` is the error object as it arrived.
  explicit ServiceError(Json body);

  const std::string& code() const noexcept { return body_["code"].asString(); }
  /// The stable text, such as "Scanner not found".
  const std::string& error() const noexcept { return body_["error"].asString(); }
  const std::string& message() const noexcept { return body_["message"].asString(); }
  /// What to change; may be empty.
  const std::string& hint() const noexcept { return body_["hint"].asString(); }
  int status_code() const noexcept { return static_cast<int>(body_["status_code"].asInteger()); }
  /// Present where waiting helps.
  std::optional<std::chrono::seconds> retry_after_s() const noexcept;
  /// `param`, `known`, `state` or `rule`; null when the service gave none.
  const Json& details() const noexcept { return body_["details"]; }
  const std::string& trace_id() const noexcept { return body_["trace_id"].asString(); }
  const Json& body() const noexcept { return body_; }

 private:
  Json body_;
};

/// HTTP 401 (no token, or a wrong one) or 403 (not with this token).
class AccessError : public ClientError {
 public:
  AccessError(int http_status, const std::string& message)
      : ClientError(message), http_status_(http_status) {}
  int http_status() const noexcept { return http_status_; }

 private:
  int http_status_;
};

/// Refused, unresolved, dropped, a failed TLS handshake, or HTTP 502, 503, 504.
class UnreachableError : public ClientError {
 public:
  explicit UnreachableError(const std::string& message,
                            std::optional<std::chrono::seconds> retry_after = std::nullopt)
      : ClientError(message), retry_after_(retry_after) {}
  std::optional<std::chrono::seconds> retry_after() const noexcept { return retry_after_; }

 private:
  std::optional<std::chrono::seconds> retry_after_;
};

class TimeoutError : public ClientError {
 public:
  using ClientError::ClientError;
};

/// wait_for_completion() gave up. The scan goes on untouched.
class WaitTimeoutError : public TimeoutError {
 public:
  WaitTimeoutError(const std::string& message, std::string task_id, Json last_status)
      : TimeoutError(message), task_id_(std::move(task_id)), last_status_(std::move(last_status)) {}
  const std::string& task_id() const noexcept { return task_id_; }
  /// The last answer of get_scan_status; null when there was none.
  const Json& last_status() const noexcept { return last_status_; }

 private:
  std::string task_id_;
  Json last_status_;
};

/// An answer that is no MCP, or larger than allowed, or a JSON-RPC error.
class ProtocolError : public ClientError {
 public:
  explicit ProtocolError(const std::string& message, int rpc_code = 0)
      : ClientError(message), rpc_code_(rpc_code) {}
  /// The JSON-RPC error code, 0 when there is none.
  int rpc_code() const noexcept { return rpc_code_; }

 private:
  int rpc_code_;
};

}  // namespace v1
}  // namespace scanhost::client

#endif
