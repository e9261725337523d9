// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// Submits a scan, waits for its end and counts what it found, in one go.
#include "shared.h"

int main(int argc, char** argv) {
  return examples::run(argc, argv, "TARGETS", [](const std::string& targets) {
    scanhost::client::Client client;
    const auto status = client.scan_and_wait(targets, "Scan and wait", {}, examples::printStatus);
    if (!status.completed()) return 1;
    for (const auto& [severity, count] : client.get_vulnerability_summary(status.task_id))
      std::cout << "severity " << severity << ": " << count << '\n';
    return 0;
  });
}
