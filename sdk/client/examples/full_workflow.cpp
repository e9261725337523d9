// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// Looks at the queue and the scanners, scans, and says what was found and how far it reached.
#include "shared.h"

namespace {

using scanhost::client::Client;

void showInfrastructure(Client& client) {
  const auto queue = client.get_queue_status();
  std::cout << "pool " << queue["pool"].asString() << ": " << queue["queue_depth"].asInteger()
            << " waiting, " << queue["running"].asInteger() << " running\n";
  const auto scanners = client.list_scanners();
  for (const auto& scanner : scanners["scanners"].items())
    std::cout << "scanner " << scanner["instance_key"].asString() << ": "
              << scanner["state"].asString() << ", " << scanner["available_capacity"].asInteger()
              << " free\n";
}

/// "Nothing found" means little where nothing was tested.
void showCoverage(const scanhost::Json& metadata) {
  const scanhost::Json& coverage = metadata["coverage"];
  std::cout << "hosts that answered: " << coverage["hosts_answered"].asInteger() << " of "
            << coverage["addresses_requested"].asInteger()
            << "; login: " << metadata["authentication_status"].asString() << '\n';
}

void analyse(Client& client, const std::string& task_id) {
  scanhost::client::ResultsQuery query;
  query.sort = "-severity";
  query.page_size = 10;
  const auto worst = client.get_results(task_id, query);
  showCoverage(worst.scan_metadata);
  std::cout << worst.schema["total_vulnerabilities"].asInteger() << " findings, the worst:\n";
  for (const auto& finding : worst.findings)
    std::cout << "  " << finding["severity"].asString() << ' '
              << examples::shown(finding["host"].asString()) << ' '
              << examples::shown(finding["plugin_name"].asString()) << '\n';
}

}  // namespace

int main(int argc, char** argv) {
  return examples::run(argc, argv, "TARGETS", [](const std::string& targets) {
    scanhost::client::ClientOptions options;
    options.log = [](const std::string& level, const std::string& message) {
      std::cerr << level << ": " << message << '\n';
    };
    Client client(options);
    showInfrastructure(client);
    const auto scan = client.submit_scan(targets, "Full workflow");
    const auto status = client.wait_for_completion(scan.task_id, examples::printStatus);
    if (!status.completed()) return 1;
    analyse(client, scan.task_id);
    return 0;
  });
}
