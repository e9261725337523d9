// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// What may stand behind `scanhost-plugin check` and `scanhost-plugin record`, and where that ends
/// up once `app` has parsed it. Parsing runs nothing; what options demand of each other is an error
/// of it.
#pragma once

#include <CLI/CLI.hpp>
#include <string>

#include "tests/conformance/recorder.h"
#include "tests/conformance/runner.h"

namespace scanhost::conformance {

struct CheckCommandLine {
  CheckCommandLine();
  CheckCommandLine(const CheckCommandLine&) = delete;  // app holds the addresses of the others
  CheckCommandLine& operator=(const CheckCommandLine&) = delete;

  CLI::App app{"Tries to catch a plugin breaking its contract", "scanhost-plugin check"};
  RunOptions options;
};

struct RecordCommandLine {
  RecordCommandLine();
  RecordCommandLine(const RecordCommandLine&) = delete;
  RecordCommandLine& operator=(const RecordCommandLine&) = delete;

  CLI::App app{
      "Writes down what a plugin and its backend say, without the secrets; or a program's output",
      "scanhost-plugin record"};
  RecordOptions options;  ///< without the trust, which files tell
  std::string ca_file, pin;
  bool insecure = false;
};

}  // namespace scanhost::conformance
