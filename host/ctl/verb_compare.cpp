// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include <iostream>

#include "host/ctl/exit_code.h"
#include "host/ctl/filters.h"
#include "host/ctl/output.h"
#include "host/ctl/terminal.h"
#include "host/ctl/verbs.h"

namespace scanhost::ctl {
namespace {

const std::vector<Column>& changeColumns() {
  static const std::vector<Column> columns = {
      {"change", "change"},         {"reason", "reason"},
      {"severity", "severity"},     {"host", "host"},
      {"plugin_id", "plugin_id"},   {"plugin_name", "plugin_name"},
      {"cvss_score", "cvss_score"}, {"cve", "cve"}};
  return columns;
}

void describeCounts(const Json& counts) {
  std::cerr << counts["new"].asInteger() << " new, " << counts["persisting"].asInteger()
            << " persisting, " << counts["fixed"].asInteger() << " fixed, "
            << counts["not_assessed"].asInteger() << " not assessed\n";
}

}  // namespace

int compare(const CompareCommand& command, const CommonOptions& common) {
  client::CompareQuery query;
  query.filters = readFilters(command.filters);
  query.schema_profile = command.profile;
  query.page = command.page;
  query.page_size = command.page_size;
  client::Client client = connect(common);
  RecordWriter writer(std::cout, common.format, changeColumns(), terminalWidth());
  for (;; ++query.page) {
    const Json answer = client.compare_scans(command.base_task_id, command.task_id, query);
    if (query.page == command.page) describeCounts(answer["counts"]);
    for (const Json& finding : answer["findings"].items()) writer.add(finding);
    writer.endPage();
    if (!answer["has_next"].asBool()) break;
    if (command.all) continue;
    std::cerr << "page " << query.page << " of " << answer["total_pages"].asInteger()
              << "; go on with --page " << query.page + 1 << " or --all\n";
    break;
  }
  writer.finish();
  return exit_done;
}

}  // namespace scanhost::ctl
