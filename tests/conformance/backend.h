// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// A recorded backend, played back on loopback in a process of its own, so that its threads and
/// descriptors are not taken for the plugin's. May break one answer on purpose.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "tests/conformance/recording.h"

namespace scanhost::conformance {

/// One answer that goes wrong, drawn from a seed.
struct BackendFault {
  enum class Kind {
    drop_before,  ///< the connection ends before the request was acted on
    drop_after,   ///< it was acted on, and the answer never comes
    busy,         ///< 429 with Retry-After
    broken,       ///< 500
    slow,         ///< the answer takes its time
    cut,          ///< the body ends in the middle
    hostile,      ///< bytes that are no HTTP
    garbled,      ///< a whole answer with other bytes in its body
  };
  Kind kind = Kind::broken;
  std::size_t at = 0;      ///< the request's number, from 0
  std::uint64_t seed = 1;  ///< of the hostile bytes

  static BackendFault draw(std::uint64_t seed, std::size_t requests);
  std::string text() const;
  /// True when the plugin cannot know whether the request was acted on.
  bool hidesTheEffect() const {
    return kind == Kind::drop_before || kind == Kind::drop_after || kind == Kind::cut ||
           kind == Kind::hostile || kind == Kind::garbled;
  }
};

class Backend {
 public:
  /// Throws std::runtime_error when it cannot be started.
  explicit Backend(const Recording& recording, std::optional<BackendFault> fault = {});
  ~Backend();
  Backend(const Backend&) = delete;
  Backend& operator=(const Backend&) = delete;

  const std::string& url() const { return url_; }
  const std::string& fingerprint() const { return fingerprint_; }
  /// "POST /scans", in order of arrival.
  std::vector<std::string> requests() const;

 private:
  pid_t child_ = -1;
  int journal_ = -1;
  std::string url_, fingerprint_;
};

bool isWrite(std::string_view request);

}  // namespace scanhost::conformance
