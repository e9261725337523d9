// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <scanhost/client/client.h>

#include <cstdlib>
#include <thread>

#include "sdk/client/testing/fake_mcp_server.h"

namespace scanhost::client {
namespace {

using std::chrono::milliseconds;
using testing::FakeMcpServer;
using testing::Fault;

Json statusAnswer(const std::string& status, int progress = 0) {
  return Json::object({{"task_id", "t1"}, {"status", status}, {"progress", progress}});
}

Json submitAnswer(const Json&) {
  return Json::object({{"task_id", "t1"},
                       {"trace_id", "trace"},
                       {"status", "queued"},
                       {"scanner_pool", "nmap"},
                       {"scanner_instance", "local"},
                       {"queue_position", 1},
                       {"estimated_wait_minutes", 15},
                       {"idempotent", false}});
}

Json refusal(const std::string& code, int status_code) {
  return Json::object({{"error", "Scanner not found"},
                       {"message", "No enabled scanners in pool 'x'"},
                       {"code", code},
                       {"status_code", status_code},
                       {"hint", "Known pools: nmap"},
                       {"retry_after_s", 7},
                       {"details", Json::object({{"param", "scanner_pool"}})},
                       {"trace_id", "550e8400"}});
}

class ClientTest : public ::testing::Test {
 protected:
  ClientTest() {
    server_.setTool("run_untrusted_scan", submitAnswer);
    server_.setTool("run_authenticated_scan", submitAnswer);
    server_.setTool("get_scan_status", [](const Json&) { return statusAnswer("running", 45); });
  }

  Client client(milliseconds timeout = std::chrono::seconds(5)) {
    ClientOptions options;
    options.url = server_.url();
    options.timeout = timeout;
    options.log = [this](const std::string&, const std::string& message) {
      log_.push_back(message);
    };
    return Client(options);
  }

  FakeMcpServer server_;
  std::vector<std::string> log_;
};

WaitOptions quickWait(milliseconds timeout = std::chrono::seconds(10)) {
  WaitOptions options;
  options.timeout = timeout;
  options.poll = milliseconds(20);
  return options;
}

TEST_F(ClientTest, OneSessionServesManyCallsAndIsEndedWithTheClient) {
  {
    Client client = this->client();
    client.ping();
    EXPECT_EQ(client.get_status("t1").progress, 45);
    EXPECT_EQ(server_.count("initialize"), 1);
    EXPECT_EQ(server_.count("notifications/initialized"), 1);
    EXPECT_EQ(server_.openSessions(), 1u);
  }
  EXPECT_EQ(server_.openSessions(), 0u);
}

TEST_F(ClientTest, EventStreamsCarryProgressThenTheAnswer) {
  server_.answerAsEvents(true);
  std::vector<CallProgress> progress;
  std::vector<std::string> log;
  Client client(
      server_.url(), "", milliseconds(5000),
      [&](const std::string&, const std::string& message) { log.push_back(message); },
      [&](const CallProgress& update) { progress.push_back(update); });

  EXPECT_EQ(client.get_status("t1").status, "running");

  ASSERT_EQ(progress.size(), 2u);
  EXPECT_EQ(progress[1].progress, 2);
  EXPECT_EQ(progress[1].total, 2);
  EXPECT_EQ(progress[1].message, "half");
  EXPECT_THAT(log, ::testing::Contains("working"));
}

TEST_F(ClientTest, ListToolsFollowsThePages) {
  const auto tools = client().list_tools();
  ASSERT_EQ(tools.size(), 3u);
  EXPECT_EQ(tools[0]["name"].asString(), "get_scan_status");
}

TEST_F(ClientTest, StreamThatEndsEarlyIsResumed) {
  Client client = this->client();
  server_.failNext("tools/call", Fault::unfinished_stream);
  EXPECT_EQ(client.get_status("t1").status, "running");
  EXPECT_EQ(server_.count("tools/call"), 1);
}

TEST_F(ClientTest, RefusalArrivesWithAllItsParts) {
  server_.setTool("list_scanners", [](const Json&) { return refusal("pool_not_found", 404); });
  try {
    client().list_scanners("x");
    FAIL();
  } catch (const ServiceError& error) {
    EXPECT_EQ(error.code(), "pool_not_found");
    EXPECT_EQ(error.error(), "Scanner not found");
    EXPECT_EQ(error.message(), "No enabled scanners in pool 'x'");
    EXPECT_EQ(error.hint(), "Known pools: nmap");
    EXPECT_EQ(error.status_code(), 404);
    EXPECT_EQ(error.retry_after_s(), std::chrono::seconds(7));
    EXPECT_EQ(error.details()["param"].asString(), "scanner_pool");
    EXPECT_EQ(error.trace_id(), "550e8400");
    EXPECT_STREQ(error.what(), "Scanner not found: No enabled scanners in pool 'x'");
  }
}

TEST_F(ClientTest, RefusalSentAsASuccessIsStillARefusal) {
  server_.errorsAsResults(true);
  server_.setTool("list_pools", [](const Json&) { return refusal("unavailable", 503); });
  EXPECT_THROW(client().list_pools(), ServiceError);
}

TEST_F(ClientTest, HttpRefusalsOfTheTokenAreTyped) {
  server_.requireToken("secret-token");
  try {
    Client(server_.url(), "wrong-token").ping();
    FAIL();
  } catch (const AccessError& error) {
    EXPECT_EQ(error.http_status(), 401);
    EXPECT_EQ(std::string(error.what()).find("wrong-token"), std::string::npos);
  }
  Client(server_.url(), "secret-token").ping();
  server_.requireToken("");
  Client client = this->client();
  server_.failNext("ping", Fault::forbidden);
  EXPECT_THROW(client.ping(), AccessError);
}

TEST_F(ClientTest, TokenThatWouldBreakTheHeaderIsRefused) {
  EXPECT_THROW(Client(server_.url(), "a\r\nX: y"), std::invalid_argument);
}

TEST_F(ClientTest, ForgottenSessionIsOpenedAgainAndTheCallRepeatedOnce) {
  Client client = this->client();
  client.ping();
  server_.failNext("tools/call", Fault::forget_session);
  EXPECT_EQ(client.get_status("t1").status, "running");
  EXPECT_EQ(server_.count("initialize"), 2);

  server_.failNext("tools/call", Fault::forget_session, 5);
  EXPECT_THROW(client.get_status("t1"), ProtocolError);
  EXPECT_EQ(server_.count("initialize"), 3);
}

TEST_F(ClientTest, NobodyListeningIsUnreachable) {
  unsigned short free_port = 0;
  { free_port = FakeMcpServer().port(); }
  Client client("http://127.0.0.1:" + std::to_string(free_port), "");
  EXPECT_THROW(client.ping(), UnreachableError);
}

TEST_F(ClientTest, WrongPathIsSaidToBeOne) {
  Client client(server_.url() + "/elsewhere", "");
  EXPECT_THROW(client.ping(), ProtocolError);
}

TEST_F(ClientTest, SilentServiceTimesOut) {
  Client client = this->client(milliseconds(200));
  client.ping();
  server_.failNext("tools/call", Fault::silent);
  EXPECT_THROW(client.get_status("t1"), TimeoutError);
}

TEST_F(ClientTest, AnswerLargerThanAllowedIsRefused) {
  ClientOptions options;
  options.url = server_.url();
  options.max_response_bytes = 1 << 20;
  Client client(options);
  client.ping();
  server_.failNext("tools/call", Fault::huge_answer);
  EXPECT_THROW(client.get_status("t1"), ProtocolError);
}

TEST_F(ClientTest, AnswerCutInTheMiddleIsABrokenConnection) {
  Client client = this->client();
  server_.failNext("tools/call", Fault::cut_answer, 2);
  EXPECT_THROW(client.get_status("t1"), UnreachableError);
}

TEST_F(ClientTest, WebPageAndRpcErrorAreProtocolErrors) {
  Client client = this->client();
  server_.failNext("tools/call", Fault::rpc_error);
  try {
    client.get_status("t1");
    FAIL();
  } catch (const ProtocolError& error) {
    EXPECT_EQ(error.rpc_code(), -32602);
  }
  server_.failNext("tools/call", Fault::not_json);
  EXPECT_THROW(client.get_status("t1"), ProtocolError);
}

TEST_F(ClientTest, SubmissionSendsTheDocumentedDefaults) {
  const SubmittedScan scan = client().submit_scan("10.0.0.1", "LAN");
  EXPECT_EQ(scan.task_id, "t1");
  EXPECT_EQ(scan.queue_position, 1);
  const Json sent = server_.calls("run_untrusted_scan").at(0);
  EXPECT_EQ(sent["targets"].asString(), "10.0.0.1");
  EXPECT_EQ(sent["name"].asString(), "LAN");
  EXPECT_EQ(sent["idempotency_key"].asString(), scan.idempotency_key);
  EXPECT_FALSE(sent.has("scanner_pool"));
  EXPECT_FALSE(sent.has("scanner_instance"));
}

TEST_F(ClientTest, SubmissionIsRepeatedUnderOneKeyWhenTheReplyIsLost) {
  Client client = this->client();
  client.ping();
  server_.failNext("tools/call", Fault::drop_before_answer, 2);

  EXPECT_EQ(client.submit_scan("10.0.0.1", "LAN").task_id, "t1");

  const auto calls = server_.calls("run_untrusted_scan");
  ASSERT_GE(calls.size(), 3u);
  for (const Json& call : calls) EXPECT_EQ(call["idempotency_key"], calls[0]["idempotency_key"]);
}

TEST_F(ClientTest, EachSubmissionHasItsOwnKeyUnlessGiven) {
  Client client = this->client();
  const auto first = client.submit_scan("10.0.0.1", "LAN");
  const auto second = client.submit_scan("10.0.0.1", "LAN");
  EXPECT_NE(first.idempotency_key, second.idempotency_key);
  ScanOptions options;
  options.idempotency_key = "mine";
  EXPECT_EQ(client.submit_scan("10.0.0.1", "LAN", options).idempotency_key, "mine");
}

TEST_F(ClientTest, LostSubmissionNamesTheKeyThatFindsIt) {
  Client client = this->client();
  client.ping();
  server_.failNext("tools/call", Fault::drop_before_answer, 20);
  ScanOptions options;
  options.idempotency_key = "mine";
  try {
    client.submit_scan("10.0.0.1", "LAN", options);
    FAIL();
  } catch (const UnreachableError& error) {
    EXPECT_NE(std::string(error.what()).find("'mine'"), std::string::npos);
  }
}

TEST_F(ClientTest, UnknownToolsAreNeverRepeated) {
  server_.setTool("anything", [](const Json&) { return Json("text"); });
  Client client = this->client();
  EXPECT_EQ(client.call_tool("anything").asString(), "text");
  server_.failNext("tools/call", Fault::drop_before_answer);
  EXPECT_THROW(client.call_tool("anything"), UnreachableError);
  EXPECT_EQ(server_.calls("anything").size(), 2u);
}

TEST_F(ClientTest, AuthenticatedSubmissionCarriesTheLogin) {
  ScanLogin login;
  login.ssh_username = "root";
  login.ssh_password = "pw";
  client().submit_authenticated_scan("10.0.0.1", "LAN", "authenticated", login);
  const Json sent = server_.calls("run_authenticated_scan").at(0);
  EXPECT_EQ(sent["scan_type"].asString(), "authenticated");
  EXPECT_EQ(sent["ssh_username"].asString(), "root");
  EXPECT_EQ(sent["ssh_password"].asString(), "pw");
  EXPECT_EQ(sent["elevate_privileges_with"].asString(), "Nothing");
  EXPECT_FALSE(sent.has("credential"));
}

TEST_F(ClientTest, WaitingReportsEachStatusAndEndsAtEveryTerminalState) {
  for (const char* end : {"completed", "failed", "timeout", "cancelled"}) {
    int asked = 0;
    server_.setTool("get_scan_status", [&asked, end](const Json&) {
      ++asked;
      return asked < 3 ? statusAnswer("running", asked * 10) : statusAnswer(end, 100);
    });
    std::vector<std::string> seen;
    const ScanStatus status = client().wait_for_completion(
        "t1", [&](const ScanStatus& now) { seen.push_back(now.status); }, quickWait());
    EXPECT_EQ(status.status, end);
    EXPECT_EQ(seen, (std::vector<std::string>{"running", "running", end}));
  }
}

TEST_F(ClientTest, WaitingGivesUpWithTheLastStatusAndTouchesNothing) {
  try {
    client().wait_for_completion("t1", {}, quickWait(milliseconds(150)));
    FAIL();
  } catch (const WaitTimeoutError& error) {
    EXPECT_EQ(error.task_id(), "t1");
    EXPECT_EQ(error.last_status()["status"].asString(), "running");
  }
  EXPECT_TRUE(server_.calls("cancel_scan").empty());
}

TEST_F(ClientTest, WaitingOutlastsDropsAnd503AndTemporaryRefusals) {
  int asked = 0;
  server_.setTool("get_scan_status", [&asked](const Json&) {
    Json busy = refusal("unavailable", 503);
    busy["retry_after_s"] = 0;
    return ++asked == 1 ? busy : statusAnswer("completed");
  });
  Client client = this->client();
  client.ping();
  server_.failNext("tools/call", Fault::unavailable, 3);
  EXPECT_EQ(client.wait_for_completion("t1", {}, quickWait()).status, "completed");
  EXPECT_EQ(asked, 2);
}

TEST_F(ClientTest, WaitingOutlastsARestartOfTheService) {
  auto first = std::make_unique<FakeMcpServer>();
  const unsigned short port = first->port();
  first->setTool("get_scan_status", [](const Json&) { return statusAnswer("running"); });
  Client client(first->url(), "");
  client.get_status("t1");
  first.reset();
  std::thread restart([port, &first] {
    std::this_thread::sleep_for(milliseconds(200));
    first = std::make_unique<FakeMcpServer>(port);
    first->setTool("get_scan_status", [](const Json&) { return statusAnswer("completed"); });
  });
  EXPECT_EQ(client.wait_for_completion("t1", {}, quickWait()).status, "completed");
  restart.join();
}

TEST_F(ClientTest, WaitingForAnUnknownTaskFailsAtOnce) {
  server_.setTool("get_scan_status", [](const Json&) { return refusal("task_not_found", 404); });
  EXPECT_THROW(client().wait_for_completion("t1", {}, quickWait()), ServiceError);
}

TEST_F(ClientTest, ScanAndWaitSubmitsOnceAndWaits) {
  server_.setTool("get_scan_status", [](const Json&) { return statusAnswer("completed", 100); });
  EXPECT_TRUE(client().scan_and_wait("10.0.0.1", "LAN", {}, {}, quickWait()).completed());
  EXPECT_EQ(server_.calls("run_untrusted_scan").size(), 1u);
}

/// Two pages of one finding each, linked by a cursor.
Json twoPages(const Json& arguments) {
  const bool second = arguments["cursor"].asString() == "next";
  const std::string finding = second ? "10.0.0.2" : "10.0.0.1";
  return Json(
      "{\"type\":\"schema\",\"total_vulnerabilities\":2}\n{\"type\":\"vulnerability\","
      "\"severity\":\"4\",\"host\":\"" +
      finding + "\"}\n{\"type\":\"pagination\",\"next_cursor\":" + (second ? "null" : "\"next\"") +
      "}");
}

TEST_F(ClientTest, ResultsAskWithTheDocumentedDefaults) {
  server_.setTool("get_scan_results", twoPages);
  const ResultsPage page = client().get_results("t1");
  ASSERT_EQ(page.findings.size(), 1u);
  const Json sent = server_.calls("get_scan_results").at(0);
  EXPECT_EQ(sent["schema_profile"].asString(), "brief");
  EXPECT_EQ(sent["page"].asInteger(), 1);
  EXPECT_EQ(sent["page_size"].asInteger(), 40);
  EXPECT_FALSE(sent.has("filters"));
}

TEST_F(ClientTest, CriticalVulnerabilitiesComeFromAllPages) {
  server_.setTool("get_scan_results", twoPages);
  const auto findings = client().get_critical_vulnerabilities("t1");
  ASSERT_EQ(findings.size(), 2u);
  EXPECT_EQ(findings[1]["host"].asString(), "10.0.0.2");
  for (const Json& sent : server_.calls("get_scan_results")) {
    EXPECT_EQ(sent["filters"]["severity"].asString(), "4");
    EXPECT_EQ(sent["schema_profile"].asString(), "brief");
  }
}

TEST_F(ClientTest, CursorThatNeverAdvancesEndsInAnError) {
  server_.setTool("get_scan_results", [](const Json&) {
    return Json("{\"type\":\"schema\"}\n{\"type\":\"pagination\",\"next_cursor\":\"same\"}");
  });
  EXPECT_THROW(client().get_critical_vulnerabilities("t1"), ProtocolError);
}

TEST_F(ClientTest, SummaryCountsBySeverity) {
  server_.setTool("get_scan_status", [](const Json&) {
    Json status = statusAnswer("completed");
    status["results_summary"]["severity_breakdown"] =
        Json::object({{"critical", 1}, {"high", 2}, {"medium", 3}, {"low", 4}, {"info", 5}});
    return status;
  });
  EXPECT_EQ(client().get_vulnerability_summary("t1"),
            (SeverityCounts{{"1", 4}, {"2", 3}, {"3", 2}, {"4", 1}}));
}

TEST_F(ClientTest, SummaryIsCountedWhenTheStatusHasNone) {
  server_.setTool("get_scan_results", twoPages);
  EXPECT_EQ(client().get_vulnerability_summary("t1"),
            (SeverityCounts{{"1", 0}, {"2", 0}, {"3", 0}, {"4", 2}}));
}

TEST_F(ClientTest, ListsPassTheirFiltersOn) {
  server_.setTool("list_tasks", [](const Json&) { return Json::object({{"total", 0}}); });
  Client client = this->client();
  client.list_tasks();
  client.list_tasks("running");
  const auto sent = server_.calls("list_tasks");
  EXPECT_EQ(sent[0], Json::object({{"limit", 100}}));
  EXPECT_EQ(sent[1]["status_filter"].asString(), "running");
}

TEST_F(ClientTest, UrlAndTokenComeFromTheEnvironment) {
  server_.requireToken("from-environment");
  ::setenv("MCP_SERVER_URL", server_.url().c_str(), 1);
  ::setenv("SCANHOST_TOKEN", "from-environment", 1);
  Client().ping();
  ::setenv("SCANHOST_URL", "http://127.0.0.1:1", 1);
  EXPECT_EQ(Client().url(), "http://127.0.0.1:1/mcp");
  for (const char* name : {"SCANHOST_URL", "MCP_SERVER_URL", "SCANHOST_TOKEN"}) ::unsetenv(name);
}

TEST_F(ClientTest, ProbesReadPlainPathsWithoutASession) {
  server_.setPath("/health", 503, "{\"status\":\"unhealthy\"}");
  const ProbeAnswer answer = client().probe("/health");
  EXPECT_EQ(answer.http_status, 503);
  EXPECT_EQ(answer.body, "{\"status\":\"unhealthy\"}");
  EXPECT_EQ(server_.count("initialize"), 0);
}

TEST_F(ClientTest, OneClientServesManyThreads) {
  Client client = this->client();
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i)
    threads.emplace_back([&client] {
      for (int call = 0; call < 10; ++call) EXPECT_EQ(client.get_status("t1").status, "running");
    });
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(server_.count("tools/call"), 40);
  EXPECT_EQ(server_.count("initialize"), 1);
}

}  // namespace
}  // namespace scanhost::client
