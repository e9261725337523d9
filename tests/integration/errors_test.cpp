// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// Bad arguments get the errors of the contract, by code, status and first words.
#include <gmock/gmock.h>
#include <sys/inotify.h>
#include <unistd.h>

#include <fstream>

#include "tests/integration/service.h"

namespace scanhost::integration {
namespace {

using testing::HasSubstr;
using testing::StartsWith;
using testing_support::NessusSimulator;

struct Refusal {
  const char* tool;
  const char* arguments;
  const char* code;
  int status_code;
  const char* begins;
};

constexpr const char* no_task = R"({"task_id":"ne_scan_20251201_143022_a1b2c3d4"})";

const Refusal refusals[] = {
    {"run_untrusted_scan", R"({"targets":"","name":"x"})", "invalid_argument", 400,
     "Invalid targets"},
    {"run_untrusted_scan", R"({"targets":"10.0.0.300","name":"x"})", "invalid_argument", 400,
     "Invalid targets"},
    {"run_untrusted_scan", R"({"name":"x"})", "invalid_argument", 400, "Invalid targets"},
    {"run_untrusted_scan", R"({"targets":"127.0.0.1","name":""})", "invalid_argument", 400,
     "Invalid name"},
    {"run_untrusted_scan", R"({"targets":"127.0.0.1","name":"[scanhost:x"})", "invalid_argument",
     400, "Invalid name"},
    {"run_untrusted_scan", R"({"targets":"127.0.0.1","name":"x","schema_profile":"huge"})",
     "invalid_argument", 400, "Invalid schema profile"},
    {"run_untrusted_scan", R"({"targets":"127.0.0.1","name":"x","scanner_pool":"nowhere"})",
     "scanner_not_found", 404, "Scanner not found"},
    {"run_untrusted_scan", R"({"targets":"127.0.0.1","name":"x","scanner_instance":"none"})",
     "scanner_not_found", 404, "Scanner not found"},
    {"run_untrusted_scan", R"({"targets":"192.0.2.1","name":"x"})", "policy_denied", 403,
     "Denied by policy"},
    {"run_untrusted_scan", R"({"targets":"127.0.0.1","name":"x","surprise":1})", "invalid_argument",
     400, "Invalid surprise"},
    {"run_authenticated_scan",
     R"({"targets":"127.0.0.1","name":"x","scan_type":"root","ssh_username":"u","ssh_password":"p"})",
     "invalid_argument", 400, "Invalid scan_type"},
    {"run_authenticated_scan",
     R"({"targets":"127.0.0.1","name":"x","scan_type":"authenticated","ssh_username":"u"})",
     "invalid_argument", 400, "Invalid ssh_password"},
    {"run_authenticated_scan",
     R"({"targets":"127.0.0.1","name":"x","scan_type":"authenticated_privileged","ssh_username":"u","ssh_password":"p"})",
     "invalid_argument", 400, "authenticated_privileged scan requires"},
    {"run_authenticated_scan",
     R"({"targets":"127.0.0.1","name":"x","scan_type":"authenticated","ssh_username":"u","ssh_password":"p","credential":"cred:web"})",
     "invalid_argument", 400, "Cannot specify both"},
    {"run_authenticated_scan",
     R"({"targets":"127.0.0.1","name":"x","scan_type":"authenticated","ssh_username":"u","ssh_password":"p","scanner_pool":"nmap"})",
     "unsupported", 422, "Not supported"},
    {"get_scan_status", no_task, "task_not_found", 404, "Task ne_scan_20251201_143022_a1b2c3d4"},
    {"get_scan_status", R"({"task_id":"../x"})", "task_not_found", 404, "Task ../x not found"},
    {"get_scan_results", no_task, "task_not_found", 404, "Task ne_scan"},
    {"get_scan_results", R"({"task_id":"x","page":-1})", "invalid_argument", 400, "Invalid page"},
    {"get_scan_results", R"({"task_id":"x","schema_profile":"full","custom_fields":["host"]})",
     "invalid_argument", 400, "Cannot specify both"},
    {"list_tasks", R"({"limit":0})", "invalid_argument", 400, "Invalid limit"},
    {"list_tasks", R"({"status_filter":"done"})", "invalid_argument", 400, "Invalid status_filter"},
    {"list_tasks", R"({"scanner_pool":"nowhere"})", "pool_not_found", 404, "Pool not found"},
    {"list_scanners", R"({"scanner_pool":"nowhere"})", "pool_not_found", 404, "Pool not found"},
    {"get_pool_status", R"({"scanner_pool":"nowhere"})", "pool_not_found", 404, "Pool not found"},
    {"get_queue_status", R"({"scanner_pool":"nowhere"})", "pool_not_found", 404, "Pool not found"},
    {"cancel_scan", no_task, "task_not_found", 404, "Task ne_scan"},
};

/// Whether anybody opened one of some files since the last look.
class OpenedFiles {
 public:
  OpenedFiles() : watch_(inotify_init1(IN_NONBLOCK | IN_CLOEXEC)) {}
  ~OpenedFiles() { close(watch_); }
  OpenedFiles(const OpenedFiles&) = delete;
  OpenedFiles& operator=(const OpenedFiles&) = delete;

  void add(const std::filesystem::path& file) {
    EXPECT_GE(inotify_add_watch(watch_, file.c_str(), IN_OPEN), 0) << file;
  }
  bool any() const {
    char events[4096];
    return read(watch_, events, sizeof events) > 0;
  }

 private:
  int watch_;
};

class Errors : public testing::Test {
 protected:
  NessusSimulator nessus{built("bin/nessus-simulator"), {"--scan-seconds", "30"}};
  Service service{{.scanners = nmapScanner("9") + nessusScanner(nessus)}};
  client::Client client = service.client();

  Json refusalOf(const std::string& tool, const Json& arguments) {
    try {
      const Json answer = client.call_tool(tool, arguments);
      return Json::object({{"code", "none"}, {"error", answer.dump()}, {"status_code", 0}});
    } catch (const client::ServiceError& error) {
      return error.body();
    }
  }
};

TEST_F(Errors, BadArgumentsAreRefusedWithCodeStatusTextAndTrace) {
  for (const Refusal& expected : refusals) {
    SCOPED_TRACE(std::string(expected.tool) + " " + expected.arguments);
    const Json refusal = refusalOf(expected.tool, Json::parse(expected.arguments));
    EXPECT_EQ(refusal["code"].asString(), expected.code);
    EXPECT_EQ(refusal["status_code"].asInteger(), expected.status_code);
    EXPECT_THAT(refusal["error"].asString(), StartsWith(expected.begins));
    EXPECT_THAT(refusal["trace_id"].asString(),
                testing::MatchesRegex("[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-"
                                      "[0-9a-f]{12}"));
  }
  EXPECT_EQ(client.list_tasks()["total"].asInteger(), 0) << "a refusal creates nothing";
}

TEST_F(Errors, ATaskIdThatIsAPathIsNotFoundByAnyToolAndReadsNoFile) {
  OpenedFiles opened;
  for (const char* file : {"x", "data/x", "data/x.json"}) {
    std::ofstream(service.folder() / file) << R"({"secret":"canary-in-a-file"})";
    opened.add(service.folder() / file);
  }
  client = service.operatorClient();
  const std::string absolute = (service.folder() / "x").string();
  int tools = 0;

  for (const Json& tool : client.list_tools()) {
    if (!tool["inputSchema"]["properties"].has("task_id")) continue;
    ++tools;
    for (const std::string& id : {std::string("../x"), std::string("../../x"), std::string("x"),
                                  std::string("..%2fx"), std::string("../x.json"), absolute}) {
      Json arguments = Json::object({{"task_id", id}});
      const Json& known = tool["inputSchema"]["properties"];
      if (known.has("confirm")) arguments["confirm"] = true;
      if (known.has("base_task_id")) arguments["base_task_id"] = id;
      if (known.has("format")) arguments["format"] = "csv";
      const Json refusal = refusalOf(tool["name"].asString(), arguments);
      // The ledger outlives the tasks that it tells of: there an id only picks entries.
      const bool picks = tool["name"].asString() == "list_audit_entries";
      EXPECT_EQ(refusal["code"].asString(), picks ? "none" : "task_not_found")
          << tool["name"].dump() << ' ' << id;
      EXPECT_THAT(refusal.dump(), testing::Not(HasSubstr("canary-in-a-file")));
    }
  }

  EXPECT_GE(tools, 8);
  EXPECT_FALSE(opened.any());
  std::ifstream(service.folder() / "data/x");
  EXPECT_TRUE(opened.any()) << "or the watch would see nothing";
}

TEST_F(Errors, TheSameKeyForAnotherScanIsAConflict) {
  client::ScanOptions options;
  options.idempotency_key = "monday";
  client.submit_scan("10.0.0.1", "LAN", options);
  const Json refusal = refusalOf(
      "run_untrusted_scan",
      Json::object({{"targets", "10.0.0.2"}, {"name", "LAN"}, {"idempotency_key", "monday"}}));
  EXPECT_EQ(refusal["code"].asString(), "conflict");
  EXPECT_EQ(refusal["status_code"].asInteger(), 409);
}

TEST_F(Errors, ResultsOfAnUnfinishedScanNameItsState) {
  const std::string task = client.submit_scan("10.0.0.1", "Long").task_id;
  const Json refusal = refusalOf("get_scan_results", Json::object({{"task_id", task}}));
  EXPECT_EQ(refusal["code"].asString(), "not_completed");
  EXPECT_THAT(refusal["error"].asString(), StartsWith("Scan not completed yet (status: "));
}

TEST_F(Errors, AnUnknownFilterListsTheKnownOnes) {
  const std::string task = client.submit_scan("10.0.0.1", "Long").task_id;
  const Json refusal = refusalOf(
      "get_scan_results",
      Json::object(
          {{"task_id", task}, {"partial", true}, {"filters", Json::object({{"severty", "4"}})}}));
  EXPECT_EQ(refusal["code"].asString(), "invalid_filter");
  EXPECT_THAT(refusal["details"]["known"].dump(), HasSubstr("\"severity\""));
}

TEST_F(Errors, CancellingAFinishedTaskNamesItsState) {
  const std::string task = client.submit_scan("10.0.0.1", "Long").task_id;
  client.cancel(task);
  waitForEnd(client, task);
  EXPECT_EQ(client.cancel(task)["status"].asString(), "cancelled") << "a repeat is harmless";
}

}  // namespace
}  // namespace scanhost::integration
