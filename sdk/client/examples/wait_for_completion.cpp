// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// Follows a scan that was submitted earlier, showing its progress, until it ends.
#include "shared.h"

int main(int argc, char** argv) {
  return examples::run(argc, argv, "TASK_ID", [](const std::string& task_id) {
    scanhost::client::Client client;
    scanhost::client::WaitOptions wait;
    wait.timeout = std::chrono::hours(4);
    wait.poll = std::chrono::seconds(5);
    const auto status = client.wait_for_completion(task_id, examples::printStatus, wait);
    if (status.completed()) return 0;
    std::cerr << "ended " << status.status << ": " << examples::shown(status.error_message) << '\n';
    return 1;
  });
}
