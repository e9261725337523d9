// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// All that a plugin told the host in a case, and what was wrong with how it told it. Any thread.
#pragma once

#include <scanhost/abi/call.h>

#include <cstdint>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

namespace scanhost::conformance {

struct ToldError {
  std::int32_t error_class = 0;
  std::int32_t subject = 0;
  std::int64_t retry_after_ns = 0;
  std::string message;
};

class Transcript {
 public:
  /// Something that an obligation forbids: kept until a case asks for it.
  struct Misuse {
    std::string obligation;
    std::string what;
  };

  void note(const std::string& obligation, const std::string& what);
  void noteEvent(const scanhost_event* event);
  /// Text that the plugin handed to any sink or service.
  void noteText(std::string_view where, scanhost_text text);
  /// Reads an error; one that cannot be read has class internal.
  ToldError noteError(const scanhost_error* error);

  /// The misuses of these obligations, a line each.
  std::vector<std::string> misuses(const std::vector<std::string>& obligations) const;
  /// Where `secret` was told, a line each.
  std::vector<std::string> placesOf(std::string_view secret) const;
  /// Errors that were reported, and the events' names.
  std::vector<ToldError> errors() const;
  std::vector<std::string> events() const;

 private:
  mutable std::mutex mutex_;
  std::vector<Misuse> misuses_;
  std::vector<std::pair<std::string, std::string>> texts_;  ///< where, what
  std::vector<ToldError> errors_;
  std::vector<std::string> events_;
};

bool isUtf8(std::string_view text);
/// What an error or an answer of a function means: "busy", or its number.
std::string className(std::int32_t error_class);

}  // namespace scanhost::conformance
