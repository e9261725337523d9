// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// The tools, through the C++ client: a scan of each kind from its submission to its findings, and
/// the fields that the contract promises.
#include <gmock/gmock.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <utility>

#include "tests/integration/service.h"

namespace scanhost::integration {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::MatchesRegex;
using testing::SizeIs;
using testing::UnorderedElementsAre;
using testing::UnorderedElementsAreArray;
using testing_support::NessusSimulator;

/// A TCP port of loopback that somebody listens on.
class OpenPort {
 public:
  OpenPort() : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    EXPECT_EQ(bind(socket_, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
    EXPECT_EQ(listen(socket_, 16), 0);
    socklen_t length = sizeof address;
    getsockname(socket_, reinterpret_cast<sockaddr*>(&address), &length);
    port_ = ntohs(address.sin_port);
  }
  ~OpenPort() { shut(); }
  /// Nobody listens any more.
  void shut() {
    if (socket_ >= 0) close(std::exchange(socket_, -1));
  }
  std::string number() const { return std::to_string(port_); }

 private:
  int socket_;
  int port_ = 0;
};

std::vector<std::string> names(const Json& object) {
  std::vector<std::string> found;
  for (const auto& [name, value] : object.members()) found.push_back(name);
  return found;
}

class Tools : public testing::Test {
 protected:
  OpenPort port;
  NessusSimulator nessus{built("bin/nessus-simulator"), {"--scan-seconds", "0.5", "--seed", "7"}};
  Service service{{.scanners = nmapScanner(port.number()) + nessusScanner(nessus),
                   .extra = "scan_templates: {elsewhere: {pool: nmap, config: {ports: \"1\"}}}\n"}};
  client::Client client = service.client();

  client::ScanStatus scan(const std::string& pool, const std::string& targets = "127.0.0.1") {
    client::ScanOptions options;
    options.scanner_pool = pool;
    return waitForEnd(client, client.submit_scan(targets, "LAN", options).task_id);
  }
  client::ScanStatus scanWithLogin(const std::string& user) {
    client::ScanLogin login;
    login.ssh_username = user;
    login.ssh_password = "letmein";
    return waitForEnd(
        client,
        client.submit_authenticated_scan("10.0.0.1", "Login", "authenticated", login).task_id);
  }
};

TEST_F(Tools, ASubmissionAnswersWithTheFieldsOfTheContract) {
  const auto scan = client.submit_scan("127.0.0.1", "LAN");
  EXPECT_THAT(names(scan.json),
              UnorderedElementsAre("task_id", "trace_id", "status", "scan_type", "scanner_pool",
                                   "scanner_instance", "scanner_url", "queue_position",
                                   "estimated_wait_minutes", "message", "idempotent"));
  EXPECT_THAT(scan.task_id, MatchesRegex("ne_scan_[0-9]{8}_[0-9]{6}_[0-9a-f]{8}"));
  EXPECT_EQ(scan.json["scanner_url"].asString(), nessus.url());
  EXPECT_EQ(scan.json["estimated_wait_minutes"].asInteger(), 15);
  EXPECT_EQ(scan.queue_position, 1);
}

TEST_F(Tools, ARealNmapScanFindsTheOpenPort) {
  const auto status = scan("nmap");
  ASSERT_EQ(status.status, "completed") << status.json.dump();
  const auto page = client.get_results(status.task_id, allResults("full"));
  ASSERT_THAT(page.findings, SizeIs(1));
  EXPECT_EQ(page.findings[0]["host"].asString(), "127.0.0.1");
  EXPECT_EQ(page.findings[0]["port"].asString(), port.number());
  EXPECT_EQ(page.findings[0]["plugin_id"].asString(), "nmap:open-port");
  EXPECT_EQ(page.scan_metadata["coverage"]["hosts_answered"].asInteger(), 1);
}

TEST_F(Tools, AScanTemplateDecidesWhatIsScanned) {
  client::ScanOptions options;
  options.scanner_pool = "nmap";
  options.scan_template = "elsewhere";  // a port that nobody listens on
  const auto status = waitForEnd(client, client.submit_scan("127.0.0.1", "LAN", options).task_id);
  ASSERT_EQ(status.status, "completed") << status.json.dump();
  EXPECT_THAT(client.get_results(status.task_id).findings, SizeIs(0));
}

TEST_F(Tools, APlanShowsWhatASubmissionIsHeldTo) {
  client::PlanOptions on_nmap;
  on_nmap.scanner_pool = "nmap";
  const Json plan = client.plan_scan("127.0.0.1", on_nmap);
  EXPECT_THAT(names(plan), UnorderedElementsAre(
                               "verdict", "reasons", "targets", "address_count", "scanner_pool",
                               "scanner_instance", "estimated_wait_minutes",
                               "estimated_duration_minutes", "overlaps", "digest", "expires_at"));
  EXPECT_EQ(plan["verdict"].asString(), "allow");
  client::ScanOptions options;
  options.scanner_pool = "nmap";
  options.plan_digest = plan["digest"].asString();
  EXPECT_EQ(client.submit_scan("127.0.0.1", "LAN", options).json["status"].asString(), "queued");
  try {
    client.submit_scan("127.0.0.2", "LAN", options);
    ADD_FAILURE() << "another target than was planned";
  } catch (const client::ServiceError& error) {
    EXPECT_EQ(error.code(), "plan_changed");
  }
}

TEST_F(Tools, APortThatWasClosedIsFixedInTheNextScan) {
  const std::string before = scan("nmap").task_id;
  port.shut();
  const std::string after = scan("nmap").task_id;
  const Json compared = client.compare_scans(before, after);
  EXPECT_EQ(compared["counts"].dump(), R"({"new":0,"persisting":0,"fixed":1,"not_assessed":0})");
  EXPECT_EQ(compared["findings"].items().at(0)["plugin_id"].asString(), "nmap:open-port");
  const Json backwards = client.compare_scans(after, before);
  EXPECT_EQ(backwards["counts"]["new"].asInteger(), 1);
  const std::string elsewhere = scan("nmap", "127.0.0.2").task_id;
  EXPECT_EQ(client.compare_scans(before, elsewhere)["counts"]["not_assessed"].asInteger(), 1);
}

TEST_F(Tools, AnExportIsDownloadedWhereItsLinkSays) {
  const std::string task = scan("nmap").task_id;
  std::string text;
  const Json answer =
      client.export_results(task, "csv", {}, [&](std::string_view piece) { text += piece; });
  EXPECT_THAT(text, HasSubstr("nmap:open-port"));
  EXPECT_EQ(answer["bytes"].asInteger(), static_cast<std::int64_t>(text.size()));
  EXPECT_EQ(answer["url"].asString().rfind(service.url() + "/exports/", 0), 0u)
      << answer["url"].asString();
  EXPECT_THAT(service.get("/exports/made-up"), HasSubstr("no export of yours"));
}

TEST_F(Tools, AStatusWaitsForTheScanToGoOn) {
  client::ScanOptions options;
  options.scanner_pool = "nmap";
  const std::string task = client.submit_scan("127.0.0.1", "LAN", options).task_id;
  const Json wait = Json::object({{"task_id", task}, {"wait_s", 20}});
  int asked = 0;
  while (client.call_tool("get_scan_status", wait)["status"].asString() != "completed")
    ASSERT_LT(++asked, 10) << "each answer brings news";
}

TEST_F(Tools, ANessusScanIsLaunchedOnceFollowedAndRead) {
  const auto status = scan("nessus", "10.0.0.1,10.0.0.2");
  ASSERT_EQ(status.status, "completed") << status.json.dump();
  EXPECT_EQ(nessus.count("scan_created"), 1);
  EXPECT_EQ(nessus.count("scan_launched"), 1);
  EXPECT_EQ(status.progress, 100);
  EXPECT_TRUE(status.json["nessus_scan_id"].isInteger());
  EXPECT_EQ(status.json["remote_ref"].asString(),
            std::to_string(status.json["nessus_scan_id"].asInteger()));
  EXPECT_EQ(status.json["results_summary"]["hosts_scanned"].asInteger(), 2);
  EXPECT_EQ(status.json["coverage"]["hosts_answered"].asInteger(), 2);
  EXPECT_EQ(status.json["authentication_status"].asString(), "not_applicable");
}

TEST_F(Tools, TheStatusHasTheFieldsOfTheContract) {
  const auto status = scan("nessus");
  EXPECT_THAT(names(status.json),
              UnorderedElementsAre(
                  "task_id", "trace_id", "status", "scan_type", "scanner_pool", "scanner_type",
                  "scanner_instance", "targets", "name", "description", "nessus_scan_id",
                  "remote_ref", "created_at", "started_at", "completed_at", "error_message",
                  "error_class", "authentication_status", "validation_warnings", "progress",
                  "scanner_status", "progress_at", "queue_position", "attempt", "max_attempts",
                  "next_attempt_at", "dead_letter", "cancel_requested", "pause_requested",
                  "coverage", "results_summary", "caller", "poll_after_s"));
  EXPECT_THAT(names(status.json["results_summary"]),
              UnorderedElementsAre("hosts_scanned", "total_vulnerabilities", "severity_breakdown",
                                   "file_size_kb", "auth_plugins_found"));
}

TEST_F(Tools, ResultsAreFilteredSortedAndPaged) {
  const std::string task = scan("nessus").task_id;
  client::ResultsQuery query;
  query.schema_profile = "full";
  query.filters = Json::object({{"severity", ">=3"}});
  query.sort = "-severity,plugin_id";
  query.page_size = 10;
  const auto page = client.get_results(task, query);
  ASSERT_GT(page.findings.size(), 1u);
  std::string before = "4";
  for (const Json& finding : page.findings) {
    EXPECT_GE(finding["severity"].asString(), "3");
    EXPECT_LE(finding["severity"].asString(), before);
    before = finding["severity"].asString();
  }
  EXPECT_EQ(page.schema["filters_applied"]["severity"].asString(), ">=3");
  EXPECT_EQ(page.schema["total_vulnerabilities"].asInteger(),
            static_cast<std::int64_t>(page.findings.size()));

  client::ResultsQuery ten_a_page;
  ten_a_page.page_size = 10;
  std::size_t all = 0;
  client.for_each_page(task, ten_a_page,
                       [&](const client::ResultsPage& part) { all += part.findings.size(); });
  EXPECT_EQ(all, client.get_results(task, allResults()).findings.size());
}

TEST_F(Tools, GroupsFitIntoAsManyBytesAsTheReaderHasRoomFor) {
  const std::string task = scan("nessus", "10.0.0.1,10.0.0.2").task_id;
  client::ResultsQuery query;
  query.group_by = "check";
  query.page = 0;
  std::size_t groups = 0;
  std::int64_t findings = 0;
  const auto all = client.get_results(task, query);
  for (const Json& group : all.findings) {
    EXPECT_EQ(group["type"].asString(), "group");
    findings += group["count"].asInteger();
  }
  EXPECT_EQ(findings, all.schema["total_vulnerabilities"].asInteger());

  query.max_bytes = 2000;
  for (int pages = 0; pages < 100; ++pages) {
    const auto page = client.get_results(task, query);
    EXPECT_LE(page.text.size(), 2000u);
    groups += page.findings.size();
    query.cursor = page.pagination["next_cursor"].asString();
    if (query.cursor.empty()) break;
  }
  EXPECT_EQ(groups, all.findings.size());
}

TEST_F(Tools, AFilterSelectsByWholeFindingsWhateverIsServedOfThem) {
  const std::string task = scan("nessus", "10.0.0.1,10.0.0.2").task_id;
  const auto all = client.get_results(task, allResults("full")).findings;
  const auto keyOf = [](const Json& finding) {
    return finding["host"].asString() + ' ' + finding["plugin_id"].asString();
  };
  const auto expectSelected = [&](const Json& filters, const auto& selects) {
    std::vector<std::string> expected, found;
    for (const Json& finding : all)
      if (selects(finding)) expected.push_back(keyOf(finding));
    client::ResultsQuery query = allResults("minimal");
    query.filters = filters;
    for (const Json& finding : client.get_results(task, query).findings)
      found.push_back(keyOf(finding));
    EXPECT_THAT(found, UnorderedElementsAreArray(expected)) << filters.dump();
    EXPECT_GT(expected.size(), 0u) << filters.dump();
    EXPECT_LT(expected.size(), all.size()) << filters.dump();
  };

  expectSelected(Json::object({{"severity", ">=3"}}),
                 [](const Json& finding) { return finding["severity"].asString() >= "3"; });
  expectSelected(Json::object({{"severity", 4}}),
                 [](const Json& finding) { return finding["severity"].asString() == "4"; });
  expectSelected(Json::object({{"cvss_score", ">7.0"}}), [](const Json& finding) {
    return finding["cvss_score"].isNumber() && finding["cvss_score"].asNumber() > 7.0;
  });
  const std::string family = all.front()["plugin_family"].asString();
  expectSelected(Json::object({{"plugin_family", "=" + family}}), [&](const Json& finding) {
    return finding["plugin_family"].asString() == family;
  });
  expectSelected(Json::object({{"port", "<1024"}, {"protocol", "tcp"}}), [](const Json& finding) {
    return std::stoi(finding["port"].asString()) < 1024 && finding["protocol"].asString() == "tcp";
  });
}

TEST_F(Tools, AMinimalProfileServesItsFieldsAlone) {
  const std::string task = scan("nessus").task_id;
  const auto page = client.get_results(task, allResults("minimal"));
  const std::vector<std::string> allowed = {"type", "host",       "plugin_id",        "severity",
                                            "cve",  "cvss_score", "exploit_available"};
  for (const Json& finding : page.findings)
    for (const std::string& name : names(finding)) EXPECT_THAT(allowed, testing::Contains(name));
}

TEST_F(Tools, AGoodLoginIsASuccess) {
  const auto status = scanWithLogin("scanner");
  EXPECT_EQ(status.status, "completed");
  EXPECT_EQ(status.json["authentication_status"].asString(), "success");
  EXPECT_EQ(status.json["coverage"]["authentication"]["success"].asInteger(), 1);
}

TEST_F(Tools, ARefusedLoginNeverPassesForACleanScan) {
  const auto status = scanWithLogin("wrong");
  EXPECT_EQ(status.status, "failed");
  EXPECT_EQ(status.json["error_class"].asString(), "auth");
  EXPECT_EQ(status.json["authentication_status"].asString(), "failed");
  EXPECT_THAT(status.json["troubleshooting"]["next_steps"].items(), SizeIs(5));
  EXPECT_FALSE(status.json["dead_letter"].asBool());
  const auto found = client.get_results(status.task_id, partialResults());
  EXPECT_FALSE(found.findings.empty());
  EXPECT_FALSE(found.schema["complete"].asBool(true));
}

TEST_F(Tools, AWeakLoginCompletesWithAWarning) {
  const auto status = scanWithLogin("weak");
  EXPECT_EQ(status.status, "completed");
  EXPECT_EQ(status.json["authentication_status"].asString(), "partial");
  EXPECT_THAT(status.json["validation_warnings"].items(), SizeIs(1));
}

TEST_F(Tools, TheSameKeyFindsTheSameTask) {
  client::ScanOptions options;
  options.idempotency_key = "monday";
  const auto first = client.submit_scan("127.0.0.1", "LAN", options);
  const auto again = client.submit_scan("127.0.0.1", "LAN", options);
  EXPECT_EQ(again.task_id, first.task_id);
  EXPECT_TRUE(again.idempotent);
  EXPECT_FALSE(again.queue_position);
}

TEST_F(Tools, TasksAreListedNewestFirst) {
  const std::string first = scan("nessus").task_id, second = scan("nmap").task_id;
  const Json listed = client.list_tasks();
  ASSERT_THAT(listed["tasks"].items(), SizeIs(2));
  EXPECT_EQ(listed["total"].asInteger(), 2);
  EXPECT_TRUE(listed["next_cursor"].isNull());
  EXPECT_EQ(listed["tasks"].items()[0]["task_id"].asString(), second);
  EXPECT_EQ(listed["tasks"].items()[1]["task_id"].asString(), first);
  EXPECT_THAT(names(listed["tasks"].items()[1]),
              UnorderedElementsAre("task_id", "trace_id", "status", "scan_type", "scanner_pool",
                                   "scanner_type", "scanner_instance", "targets", "name",
                                   "created_at", "started_at", "completed_at", "nessus_scan_id",
                                   "authentication_status"));
  client::TaskQuery of_pool;
  of_pool.scanner_pool = "nmap";
  EXPECT_EQ(client.list_tasks("completed", of_pool)["total"].asInteger(), 1);
}

TEST_F(Tools, ScannersPoolsAndQueueAnswerAsTheContractSays) {
  const Json scanners = client.list_scanners("nessus");
  ASSERT_THAT(scanners["scanners"].items(), SizeIs(1));
  EXPECT_THAT(
      names(scanners["scanners"].items()[0]),
      UnorderedElementsAre("scanner_type", "pool", "instance_id", "instance_key", "name", "url",
                           "enabled", "max_concurrent_scans", "active_scans", "available_capacity",
                           "utilization_pct", "state", "reason", "circuit"));
  EXPECT_EQ(scanners["scanners"].items()[0]["state"].asString(), "ready");
  EXPECT_EQ(client.list_pools().dump(),
            R"({"pools":["nmap","nessus"],"default_pool":"nessus",)"
            R"("scan_templates":[{"name":"elsewhere","pool":"nmap"}]})");
  EXPECT_THAT(names(client.get_pool_status("nessus")),
              UnorderedElementsAre("pool", "scanner_type", "total_scanners", "total_capacity",
                                   "total_active", "available_capacity", "utilization_pct",
                                   "queue_depth", "dlq_size", "scanners"));
  EXPECT_THAT(names(client.get_queue_status("nessus")),
              UnorderedElementsAre("pool", "queue_depth", "dlq_size", "running", "paused",
                                   "delayed", "next_tasks", "timestamp"));
}

TEST_F(Tools, ARunningNessusScanIsCancelledOnTheScanner) {
  NessusSimulator slow(built("bin/nessus-simulator"), {"--scan-seconds", "60"});
  Service of_slow{{.scanners = nessusScanner(slow)}};
  client::Client asks = of_slow.client();
  const std::string task = asks.submit_scan("10.0.0.1", "Long").task_id;
  for (int i = 0; i < 200 && slow.count("scan_launched") == 0; ++i) usleep(50'000);
  EXPECT_TRUE(asks.cancel(task)["cancel_requested"].asBool());
  EXPECT_EQ(waitForEnd(asks, task).status, "cancelled");
  EXPECT_EQ(slow.count("scan_stopped"), 1);
}

TEST_F(Tools, TheTransportSaysWhatItServes) {
  std::vector<Json> events;
  for (int i = 0; i < 200 && events.empty(); ++i, usleep(25'000))
    events = service.events("mcp_server_initialized");
  ASSERT_THAT(events, SizeIs(1));
  EXPECT_EQ(events[0]["path"].asString(), "/mcp");
  EXPECT_THAT(events[0]["protocol_versions"].dump(), HasSubstr("2026-07-28"));
  EXPECT_GE(events[0]["tools"].size(), 10u);
}

TEST_F(Tools, OneTraceIdLinksSubmissionWorkerAndResult) {
  const auto status = scan("nessus");
  const std::string trace = status.json["trace_id"].asString();
  for (const char* event : {"scan_enqueued", "task_dequeued", "launch_intent_recorded",
                            "scan_launched", "results_parsed", "scan_completed"}) {
    const auto events = service.events(event);
    ASSERT_THAT(events, SizeIs(1)) << event;
    EXPECT_EQ(events[0]["trace_id"].asString(), trace) << event;
  }
}

TEST_F(Tools, OneScanMovesTheMetricsOfTheEarlierService) {
  scan("nessus");
  EXPECT_EQ(service.metric(R"(nessus_scans_total{scan_type="untrusted",status="queued"})"), 1);
  EXPECT_EQ(service.metric(R"(nessus_scans_total{scan_type="untrusted",status="completed"})"), 1);
  EXPECT_EQ(
      service.metric(R"(nessus_api_requests_total{status="success",tool="run_untrusted_scan"})"),
      1);
  EXPECT_EQ(service.metric("nessus_task_duration_seconds_count"), 1);
  for (int i = 0; i < 40 && service.metric("nessus_active_scans") != 0; ++i) usleep(50'000);
  EXPECT_EQ(service.metric("nessus_active_scans"), 0) << "within two seconds of the end";
  EXPECT_EQ(service.metric(R"(nessus_scanner_instances{enabled="true",scanner_type="nessus"})"), 1);
}

}  // namespace
}  // namespace scanhost::integration
