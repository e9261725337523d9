// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// scanhost-plugin: what plugin authors use. One subcommand per file of sdk/tool.
#include <CLI/CLI.hpp>

#include "sdk/tool/inspect.h"

int main(int argc, char** argv) {
  CLI::App app("Looks at, and helps to write, scanhost plugins", "scanhost-plugin");
  app.require_subcommand(1);
  int exit_code = 0;
  scanhost::addInspect(app, exit_code);
  CLI11_PARSE(app, argc, argv);
  return exit_code;
}
