// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// The command line of nessus-simulator.
#pragma once

#include <chrono>
#include <optional>
#include <string>

#include "host/base/result.h"
#include "tests/simulators/nessus/api.h"
#include "tests/simulators/nessus/listener.h"

namespace scanhost::simulator {

struct CommandLine {
  Listener::Address listen;
  Api::Options api;
  std::optional<std::string> reports_folder;
  std::optional<std::string> fault_file;
  bool tls = true;
  std::optional<std::string> certificate_file;
  std::optional<std::string> key_file;
  std::optional<std::string> write_certificate;  ///< where clients find the certificate to trust
};

/// Nothing when all is said (help was asked for and printed). Prints what is wrong itself.
struct ParsedCommandLine {
  std::optional<CommandLine> options;
  int exit_code = 0;
};
ParsedCommandLine parseCommandLine(int argc, const char* const* argv);

/// "127.0.0.1:8834", "[::1]:0"
Result<Listener::Address> parseAddress(const std::string& text);

}  // namespace scanhost::simulator
