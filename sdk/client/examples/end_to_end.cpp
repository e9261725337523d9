// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// Proves that a service works from one end to the other: every step prints `ok` or says what is
/// wrong, and the exit code is 0 only when all went well.
#include <algorithm>

#include "shared.h"

namespace {

using scanhost::client::Client;

bool step(const char* name, bool good, const std::string& detail = "") {
  std::cout << (good ? "ok   " : "FAIL ") << name;
  if (!detail.empty()) std::cout << ": " << detail;
  std::cout << std::endl;
  return good;
}

bool offersTool(Client& client, const std::string& name) {
  const auto tools = client.list_tools();
  return std::any_of(tools.begin(), tools.end(),
                     [&](const auto& tool) { return tool["name"].asString() == name; });
}

bool isListed(Client& client, const std::string& task_id) {
  const auto answer = client.list_tasks();
  const auto& tasks = answer["tasks"].items();
  return std::any_of(tasks.begin(), tasks.end(),
                     [&](const auto& task) { return task["task_id"].asString() == task_id; });
}

bool unknownTaskIsRefused(Client& client) {
  try {
    client.get_status("no_such_task");
    return false;
  } catch (const scanhost::client::ServiceError& error) {
    return error.code() == "task_not_found";
  }
}

}  // namespace

int main(int argc, char** argv) {
  return examples::run(argc, argv, "TARGETS", [](const std::string& targets) {
    Client client;
    client.ping();
    bool good = step("ping", true, client.url());
    good &= step("list_tools", offersTool(client, "run_untrusted_scan"));
    good &= step("list_pools", client.list_pools()["pools"].size() > 0);
    good &= step("list_scanners", client.list_scanners()["total"].asInteger() > 0);
    good &= step("unknown task is refused", unknownTaskIsRefused(client));

    scanhost::client::ScanOptions options;
    options.description = "proves the service";
    const auto scan = client.submit_scan(targets, "End to end", options);
    good &= step("submit_scan", !scan.idempotent, scan.task_id);
    options.idempotency_key = scan.idempotency_key;
    const auto again = client.submit_scan(targets, "End to end", options);
    good &= step("the same key finds the same task", again.task_id == scan.task_id);
    good &= step("list_tasks", isListed(client, scan.task_id));

    const auto status = client.wait_for_completion(scan.task_id, examples::printStatus);
    good &= step("wait_for_completion", status.completed(), status.status);
    if (!status.completed()) return 1;
    const auto page = client.get_results(scan.task_id);
    good &= step("get_results", page.schema["complete"].asBool(),
                 std::to_string(page.findings.size()) + " findings on the first page");
    good &= step("get_vulnerability_summary",
                 client.get_vulnerability_summary(scan.task_id).size() == 4);
    return good ? 0 : 1;
  });
}
