// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// The stream of one tools/call: progress, then the answer. Progress comes from any thread, never
/// two at once and never after the answer, which the handler writes.
#pragma once

#include <scanhost/http.h>

#include <limits>
#include <string_view>

#include "plugins/transport/mcp/json_rpc.h"

namespace scanhost::mcp {

class ProgressStream {
 public:
  ProgressStream(HttpStream stream, Json token)
      : stream_(std::move(stream)), token_(std::move(token)) {}

  /// Passes over a value that is not above the last: progress must increase.
  void progress(double done, double total, std::string_view message);
  void finish(std::string_view body);

 private:
  const HttpStream stream_;
  const Json token_;
  double last_ = -std::numeric_limits<double>::infinity();
};

}  // namespace scanhost::mcp
