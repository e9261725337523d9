// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// Submits a scan and asks once how it is.
#include "shared.h"

int main(int argc, char** argv) {
  return examples::run(argc, argv, "TARGETS", [](const std::string& targets) {
    scanhost::client::Client client;
    const auto scan = client.submit_scan(targets, "Basic usage");
    std::cout << "task " << scan.task_id << " in pool " << scan.scanner_pool << '\n';
    if (scan.queue_position) std::cout << "position in the queue: " << *scan.queue_position << '\n';
    examples::printStatus(client.get_status(scan.task_id));
    return 0;
  });
}
