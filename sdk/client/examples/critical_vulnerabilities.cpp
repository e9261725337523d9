// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// Lists the critical findings of a completed scan, then those that an exploit is known for.
#include "shared.h"

namespace {

void printFinding(const scanhost::Json& finding) {
  std::cout << examples::shown(finding["host"].asString()) << ' '
            << examples::shown(finding["plugin_name"].asString()) << '\n';
}

}  // namespace

int main(int argc, char** argv) {
  return examples::run(argc, argv, "TASK_ID", [](const std::string& task_id) {
    scanhost::client::Client client;
    const auto critical = client.get_critical_vulnerabilities(task_id);
    std::cout << critical.size() << " critical:\n";
    for (const auto& finding : critical) printFinding(finding);

    scanhost::client::ResultsQuery query;
    query.filters = scanhost::Json::object({{"exploit_available", true}, {"severity", ">=3"}});
    query.sort = "-cvss_score";
    std::cout << "with a known exploit, worst first:\n";
    client.for_each_page(task_id, query, [](const scanhost::client::ResultsPage& page) {
      for (const auto& finding : page.findings) printFinding(finding);
    });
    return 0;
  });
}
