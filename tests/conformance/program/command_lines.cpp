// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "tests/conformance/program/command_lines.h"

namespace scanhost::conformance {

CheckCommandLine::CheckCommandLine() {
  app.add_option("FILE", options.file, "The plugin's .so")->required();
  app.add_option(
      "--config", options.settings,
      "Its settings, JSON; ${folder} is a fresh folder, ${unique} a fresh word, ${backend} the "
      "recorded backend's URL and ${backend_pin} its certificate's SHA-256");
  app.add_option("--filter", options.filter, "Only these cases, as in 'life.*:*Lease*'");
  app.add_option("--only", options.only, "Only the case of this id");
  app.add_option("--recording", options.recording,
                 "What `scanhost-plugin record` took of the scanner's backend or program");
  app.add_option("--seed", options.seed, "What faults are drawn from");
  app.add_flag("--json", options.as_json, "One JSON document");
  app.add_flag("--list", options.list, "Name the cases and run none");
  app.add_flag("--verbose", options.verbose, "Name also what passed and what was skipped");
  app.add_flag("--in-process", options.in_process,
               "With --only: run the case in this process, for a debugger");
  app.add_option("--report-fd", options.report_fd)->group("");
  app.final_callback([this] {
    if (options.in_process && options.only.empty())
      throw CLI::ValidationError("--in-process", "it needs --only");
  });
}

RecordCommandLine::RecordCommandLine() {
  app.add_option("--out", options.file, "The recording, appended to")->required();
  auto* backend = app.add_option("--to", options.backend, "The backend, https://HOST:PORT");
  app.add_option("--listen", options.listen, "Where the plugin finds it, port 0 for any free one")
      ->capture_default_str();
  app.add_option("--ca", ca_file, "Authorities that the backend is trusted by, PEM");
  app.add_option("--pin", pin, "SHA-256 of the backend's certificate");
  app.add_flag("--insecure", insecure, "Trust any certificate of the backend");
  app.add_flag("--plain", options.plain, "Speak HTTP to the plugin, not HTTPS");
  app.add_option("--plugin", options.plugin,
                 "Lead this remote scanner's .so through one launch against 127.0.0.1")
      ->needs(backend);
  app.add_option(
      "--config", options.settings,
      "Its settings, JSON; ${backend} is where it finds the recorder, ${backend_pin} the "
      "SHA-256 of the recorder's certificate");
  app.add_option("PROGRAM", options.program, "After --: a program and its arguments, run once")
      ->excludes(backend);
  app.final_callback([this] {
    if (options.backend.empty() && options.program.empty())
      throw CLI::ValidationError("give --to URL, or a program after --");
  });
}

}  // namespace scanhost::conformance
