// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// The settings of transport-mcp; the host has checked them and filled in defaults.
#pragma once

#include <scanhost/host.h>

#include <chrono>
#include <cstddef>
#include <string>

namespace scanhost::mcp {

struct Config {
  explicit Config(const Settings& settings);

  std::string path;
  std::size_t max_sessions;
  std::chrono::seconds session_idle;
  /// A failed operation answers isError:false, for clients that look for `error` in results.
  bool errors_as_results;
  std::string instructions;  ///< empty: none
};

}  // namespace scanhost::mcp
