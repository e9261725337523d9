// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include <cerrno>
#include <cstring>
#include <fstream>
#include <iostream>
#include <stdexcept>

#include "host/base/escape.h"
#include "host/ctl/exit_code.h"
#include "host/ctl/filters.h"
#include "host/ctl/verbs.h"

namespace scanhost::ctl {

int exportResults(const ExportCommand& command, const CommonOptions& common) {
  client::ExportQuery query;
  query.schema_profile = command.profile;
  query.filters = readFilters(command.filters);
  query.partial = command.partial;
  std::ofstream file;
  if (!command.file.empty()) {
    file.open(command.file, std::ios::binary | std::ios::trunc);
    if (!file) throw UsageError("--file " + command.file + ": " + std::strerror(errno));
  }
  std::ostream& out = command.file.empty() ? std::cout : file;
  client::Client client = connect(common);
  const Json answer =
      client.export_results(command.task_id, command.format, query, [&](std::string_view piece) {
        out.write(piece.data(), static_cast<std::streamsize>(piece.size()));
      });
  out.flush();
  if (!out) throw std::runtime_error("the export could not be written");
  std::cerr << answer["bytes"].asInteger() << " bytes of " << command.format << ", sha256 "
            << forTerminal(answer["sha256"].asString()) << '\n';
  return exit_done;
}

}  // namespace scanhost::ctl
