// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include <iostream>

#include "host/base/nearest.h"
#include "host/ctl/exit_code.h"
#include "host/ctl/output.h"
#include "host/ctl/terminal.h"
#include "host/ctl/verbs.h"

namespace scanhost::ctl {
namespace {

const std::vector<Column>& planColumns() {
  static const std::vector<Column> columns = {{"verdict", "verdict"},
                                              {"reasons", "reasons"},
                                              {"addresses", "address_count"},
                                              {"pool", "scanner_pool"},
                                              {"scanner", "scanner_instance"},
                                              {"minutes to wait", "estimated_wait_minutes"},
                                              {"minutes to run", "estimated_duration_minutes"},
                                              {"overlaps", "overlaps"},
                                              {"digest", "digest"},
                                              {"expires", "expires_at"}};
  return columns;
}

const std::vector<Column>& targetColumns() {
  static const std::vector<Column> columns = {
      {"target", "input"}, {"addresses", "addresses"}, {"count", "address_count"}};
  return columns;
}

}  // namespace

int plan(const PlanCommand& command, const CommonOptions& common) {
  client::PlanOptions options;
  options.scan_type = command.scan_type;
  options.scanner_pool = common.pool;
  options.scanner_instance = command.instance;
  client::Client client = connect(common);
  const Json answer = client.plan_scan(joinNames(command.targets, ","), options);
  writeRecord(std::cout, common.format, planColumns(), answer);
  if (common.format == Format::table)
    writeListing(std::cout, common.format, targetColumns(), answer["targets"].items(),
                 terminalWidth());
  return answer["verdict"].asString() == "allow" ? exit_done : exit_refused;
}

}  // namespace scanhost::ctl
