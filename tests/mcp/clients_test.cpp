// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// All nine tools through the official TypeScript clients, of both ages of the protocol.
#include <gmock/gmock.h>

#include <algorithm>

#include "tests/integration/service.h"

namespace scanhost::integration {
namespace {

using testing::HasSubstr;
using testing::StartsWith;
using testing_support::Finished;
using testing_support::NessusSimulator;

class McpClients : public testing::TestWithParam<std::string> {
 protected:
  NessusSimulator nessus{built("bin/nessus-simulator"), {"--scan-seconds", "0.3", "--seed", "7"}};
  Service service{{.scanners = nmapScanner("9") + nessusScanner(nessus)}};

  Json call(const std::string& tool, const Json& arguments = Json::object()) {
    const Finished ended = testing_support::run(
        {{SCANHOST_NODE, GetParam(), service.url() + "/mcp", tool, arguments.dump()},
         {},
         SCANHOST_MCP_FOLDER});
    EXPECT_EQ(ended.exit_code, 0) << tool << ": " << ended.err;
    return Json::tryParse(ended.out).value_or(Json());
  }
  static std::ptrdiff_t textsOf(const Json& result) {
    const auto& contents = result["content"].items();
    return std::count_if(contents.begin(), contents.end(),
                         [](const Json& content) { return content["type"].asString() == "text"; });
  }
  /// The structured content of a success, which the text block repeats.
  Json answer(const std::string& tool, const Json& arguments = Json::object()) {
    const Json result = call(tool, arguments);
    EXPECT_FALSE(result["isError"].asBool()) << result.dump();
    EXPECT_EQ(textsOf(result), 1) << "the answer; links may stand beside it";
    return result["structuredContent"];
  }
};

TEST_P(McpClients, TheNineToolsAreListedWithSchemas) {
  const Json listed = call("tools/list");
  std::vector<std::string> names;
  for (const Json& tool : listed["tools"].items()) {
    names.push_back(tool["name"].asString());
    EXPECT_EQ(tool["inputSchema"]["type"].asString(), "object");
    EXPECT_FALSE(tool["description"].asString().empty());
  }
  for (const char* name :
       {"run_untrusted_scan", "run_authenticated_scan", "get_scan_status", "get_scan_results",
        "list_tasks", "list_scanners", "list_pools", "get_pool_status", "get_queue_status"})
    EXPECT_THAT(names, testing::Contains(name));
}

TEST_P(McpClients, AScanRunsFromSubmissionToFindings) {
  const std::string task =
      answer("run_untrusted_scan",
             Json::object({{"targets", "127.0.0.1"}, {"name", "LAN"}}))["task_id"]
          .asString();
  client::Client client = service.client();
  ASSERT_EQ(waitForEnd(client, task).status, "completed");
  EXPECT_EQ(answer("get_scan_status", Json::object({{"task_id", task}}))["status"].asString(),
            "completed");
  const std::string lines =
      answer("get_scan_results", Json::object({{"task_id", task}, {"page_size", "10"}}))["result"]
          .asString();
  EXPECT_THAT(lines, StartsWith(R"({"type":"schema","profile":"brief")"));
  EXPECT_THAT(lines, HasSubstr(R"("type":"vulnerability")"));
}

TEST_P(McpClients, AnAuthenticatedScanIsAccepted) {
  const Json scan = answer("run_authenticated_scan", Json::object({{"targets", "127.0.0.1"},
                                                                   {"name", "Login"},
                                                                   {"scan_type", "authenticated"},
                                                                   {"ssh_username", "scanner"},
                                                                   {"ssh_password", "letmein"}}));
  EXPECT_EQ(scan["scan_type"].asString(), "authenticated");
}

TEST_P(McpClients, TheListingsAnswer) {
  EXPECT_EQ(answer("list_tasks")["total"].asInteger(-1), 0);
  EXPECT_EQ(answer("list_scanners")["total"].asInteger(), 2);
  EXPECT_EQ(answer("list_pools")["default_pool"].asString(), "nessus");
  EXPECT_EQ(answer("get_pool_status")["pool"].asString(), "nessus");
  EXPECT_EQ(answer("get_queue_status")["queue_depth"].asInteger(-1), 0);
}

TEST_P(McpClients, ARefusalIsAnErrorResultOfTheOneShape) {
  const Json result = call("get_scan_status", Json::object({{"task_id", "x"}}));
  EXPECT_TRUE(result["isError"].asBool());
  EXPECT_EQ(result["structuredContent"]["code"].asString(), "task_not_found");
  EXPECT_EQ(result["content"].items()[0]["text"].asString(), result["structuredContent"].dump());
}

INSTANTIATE_TEST_SUITE_P(Official, McpClients, testing::Values("call_v1.js", "call_v2.js"),
                         [](const auto& chosen) {
                           return chosen.param == "call_v1.js" ? "Sdk1" : "Client2";
                         });

}  // namespace
}  // namespace scanhost::integration
