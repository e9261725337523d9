// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// scanhost-plugin: what plugin authors use. One subcommand per file of sdk/tool.
#include <sysexits.h>

#include <CLI/CLI.hpp>
#include <iostream>

#include "sdk/tool/check.h"
#include "sdk/tool/inspect.h"
#include "sdk/tool/manual.h"
#include "sdk/tool/new.h"

int main(int argc, char** argv) {
  CLI::App app("Looks at, and helps to write, scanhost plugins", "scanhost-plugin");
  app.require_subcommand(1);
  const auto page_texts = scanhost::toolManual();
  std::string page;
  scanhost::pages::addPageOption(app, page_texts, page);
  int exit_code = 0;
  scanhost::addNew(app, exit_code);
  scanhost::addInspect(app, exit_code);
  scanhost::addCheck(app, exit_code);
  scanhost::addRecord(app, exit_code);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    std::cout << page;
    return app.exit(error) == 0 ? EX_OK : EX_USAGE;
  }
  return exit_code;
}
